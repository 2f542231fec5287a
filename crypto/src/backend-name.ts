// Who computes: the runtime's OpenSSL, or JavaScript where the runtime cannot.

export type BackendName = 'node' | 'noble';
