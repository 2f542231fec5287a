// A certificate for localhost that nobody trusts unless told to, good until 2126; made by
// openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500.

export const TEST_CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUN1X72rCP/48vduzlXAP3+DIyIPYwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyODAzMjAwMloYDzIxMjYxMTA0
MDMyMDAyWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATxxPwcp+wOzE5W79vmedcYMJtpZaYsk0+zypzXYuoFyqpnmIpzIZWi
vaiuwEPCvmXb5/nwSDJpQv8U0B4+seGBo28wbTAdBgNVHQ4EFgQUPISGQ/VOJLRW
NH4ee+HCfaGY1eEwHwYDVR0jBBgwFoAUPISGQ/VOJLRWNH4ee+HCfaGY1eEwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIhALClW7hxfOjRSADn2ZpWosvcCW+FtW4bLeX4sT1yiVZQAiAg
Kx8e4CMU7Fbzud29oLh6pgg4dvuE7r+WvInJRf3h1w==
-----END CERTIFICATE-----
`;

export const TEST_KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgAYiE7hQOpiOHRzqm
ftHqwCObSBlLKCJifL3rdLnPYhOhRANCAATxxPwcp+wOzE5W79vmedcYMJtpZaYs
k0+zypzXYuoFyqpnmIpzIZWivaiuwEPCvmXb5/nwSDJpQv8U0B4+seGB
-----END PRIVATE KEY-----
`;
