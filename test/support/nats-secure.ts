/** Configurations of nats-server that let only the right ones in, and the files that prove who is right. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nkeys } from '@nats-io/transport-node';

export const HAS_OPENSSL = spawnSync('openssl', ['version']).status === 0;
if (!HAS_OPENSSL) console.warn('SKIPPED: openssl is not on PATH, so nothing over TLS is tested');

export interface SecureNats {
  /** For nats-server. */
  readonly flags: readonly string[];
  /** `--set` of Skald. */
  readonly settings: readonly string[];
}

type KeyPair = ReturnType<typeof nkeys.createUser>;

/** A user known by its public key, and the file with its seed. */
export function nkeyNats(folder: string): SecureNats {
  const user = nkeys.createUser();
  const seed = written(folder, 'user.nk', `${seedOf(user)}\n`);
  const config = written(folder, 'nkey.conf', `authorization { users = [ { nkey: ${user.getPublicKey()} } ] }\n`);
  return { flags: ['-c', config], settings: [`nats.nkey_seed_file=${seed}`] };
}

/** An operator, an account and a user with signed claims (JWT), as `nsc` makes them. */
export function credentialsNats(folder: string): SecureNats {
  const [operator, account, user] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createUser()];
  const none = { pub: {}, sub: {} };
  const limits = { subs: -1, data: -1, payload: -1 };
  const accountLimits = { ...limits, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
  const operatorJwt = claims(operator, operator, 'operator', {});
  const accountJwt = claims(operator, account, 'account', { limits: accountLimits, default_permissions: none });
  const userJwt = claims(account, user, 'user', { ...none, ...limits });
  const config = written(
    folder,
    'jwt.conf',
    `operator: ${operatorJwt}\nresolver: MEMORY\nresolver_preload { ${account.getPublicKey()}: ${accountJwt} }\n`,
  );
  const credentials = written(
    folder,
    'user.creds',
    `-----BEGIN NATS USER JWT-----\n${userJwt}\n------END NATS USER JWT------\n\n` +
      `-----BEGIN USER NKEY SEED-----\n${seedOf(user)}\n------END USER NKEY SEED------\n`,
  );
  return { flags: ['-c', config], settings: [`nats.credentials_file=${credentials}`] };
}

/** TLS where both sides show certificates of one authority, and a password. */
export function tlsNats(folder: string, password: string): SecureNats {
  mkdirSync(folder, { recursive: true });
  const file = (name: string): string => join(folder, name);
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  openssl('req', '-x509', ...key, '-subj', '/CN=ca', '-keyout', file('ca.key'), '-out', file('ca.pem'));
  for (const name of ['server', 'client']) {
    const authority = ['-CA', file('ca.pem'), '-CAkey', file('ca.key')];
    const out = ['-keyout', file(`${name}.key`), '-out', file(`${name}.pem`)];
    openssl('req', '-x509', ...authority, ...key, ...subject, ...out);
  }
  const config = written(
    folder,
    'tls.conf',
    `tls { cert_file: "${file('server.pem')}", key_file: "${file('server.key')}", ca_file: "${file('ca.pem')}", verify: true }
authorization { user: skald, password: "${password}" }\n`,
  );
  return {
    flags: ['-c', config],
    settings: [
      ...[`nats.tls.ca_file=${file('ca.pem')}`, `nats.tls.cert_file=${file('client.pem')}`],
      ...[`nats.tls.key_file=${file('client.key')}`, 'nats.user=skald', `nats.password=${password}`],
    ],
  };
}

function openssl(...args: readonly string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`);
}

function seedOf(pair: KeyPair): string {
  return Buffer.from(pair.getSeed()).toString();
}

function claims(issuer: KeyPair, subject: KeyPair, type: string, more: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = {
    ...{ jti: 'test', iat: 1_700_000_000, iss: issuer.getPublicKey(), sub: subject.getPublicKey(), name: type },
    nats: { ...more, type, version: 2 },
  };
  const text = `${part({ typ: 'JWT', alg: 'ed25519-nkey' })}.${part(body)}`;
  return `${text}.${Buffer.from(issuer.sign(Buffer.from(text))).toString('base64url')}`;
}

function written(folder: string, name: string, text: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}
