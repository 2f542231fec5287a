// What NATS servers of a test need to let only ours in: an authority, a certificate for 127.0.0.1, and
// a configuration with TLS and one nkey.

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const COMMAND = 'openssl';

/** Debian's package of the same name has it. */
export const hasOpenssl = spawnSync(COMMAND, ['version']).status === 0;

export interface NatsAccess {
  /** Certificate of the authority. */
  readonly caFile: string;
  /** For the server's command line. */
  readonly args: readonly string[];
}

/**
 * @param publicKey the nkey that is let in
 * @param names what the server's certificate names
 */
export function natsAccess(folder: string, publicKey: string, names = 'IP:127.0.0.1'): NatsAccess {
  const [caFile, caKey] = [join(folder, 'authority.pem'), join(folder, 'authority.key')];
  const [certificate, key] = [join(folder, 'server.pem'), join(folder, 'server.key')];
  const newKey = (file: string) =>
    openssl(['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', file]);
  newKey(caKey);
  openssl([
    ...['req', '-x509', '-new', '-key', caKey, '-days', '2', '-subj', '/CN=authority'],
    ...['-addext', 'basicConstraints=critical,CA:TRUE', '-out', caFile],
  ]);
  newKey(key);
  const request = join(folder, 'server.csr');
  openssl(['req', '-new', '-key', key, '-subj', '/CN=server', '-out', request]);
  const extensions = join(folder, 'extensions');
  writeFileSync(extensions, `subjectAltName=${names}\n`);
  openssl([
    ...['x509', '-req', '-in', request, '-CA', caFile, '-CAkey', caKey, '-CAcreateserial'],
    ...['-days', '2', '-extfile', extensions, '-out', certificate],
  ]);
  const config = join(folder, 'access.conf');
  writeFileSync(
    config,
    `tls { cert_file: "${certificate}", key_file: "${key}", timeout: 5 }\n` +
      `authorization { users: [ { nkey: ${publicKey} } ] }\n`,
  );
  return { caFile, args: ['--config', config] };
}

function openssl(args: readonly string[]): void {
  const { status, stderr } = spawnSync(COMMAND, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`);
}
