// Where the routes lie; another version would lie beside it.

export const API_BASE = '/api/v1';
