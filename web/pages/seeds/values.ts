/** What a seed's forms hold, what follows from an address, a provider or a protocol, and how it goes to the API. Pure. */
import type { PresetsJson } from '../../../server/api/json/presets.ts';
import type { SeedInput, SeedJson, SeedPatch } from '../../../server/api/json/seeds.ts';
import type { Protocol, ProviderId } from '../../../server/seed/types.ts';
import type { Security } from '../../../server/sender/types.ts';
import { PORTS, portAfter } from '../../components/form.ts';

export type SeedValues = {
  address: string;
  provider: ProviderId;
  protocol: Protocol;
  host: string;
  port: number;
  security: Security;
  user: string;
  password: string;
  junkFolder: string;
  tags: string[];
};
export type Provider = PresetsJson['providers'][number];

export const SEED_FIELDS = [
  'address',
  'provider',
  'protocol',
  'host',
  'port',
  'security',
  'user',
  'password',
  'junkFolder',
  'tags',
];

/** @param seed the one to change; null: a new one */
export function seedValues(seed: SeedJson | null): SeedValues {
  return {
    address: seed?.address ?? '',
    provider: seed?.provider ?? 'other',
    protocol: seed?.protocol ?? 'imap',
    host: seed?.host ?? '',
    port: seed?.port ?? 993,
    security: seed?.security ?? 'tls',
    user: seed?.user ?? '',
    password: '',
    junkFolder: seed?.junkFolder ?? '',
    tags: seed?.tags ?? [],
  };
}

/** What a seed of the same kind begins with: all but who it is and its secret. */
export function seedLike(seed: SeedJson): SeedValues {
  return { ...seedValues(seed), address: '', user: '', junkFolder: '' };
}

/** Where an address of this provider is read; null when only its owner knows. */
export function serverOf(provider: Provider | undefined, protocol: Protocol, address: string) {
  const preset = provider?.[protocol];
  if (!preset || preset.host === '') return null;
  const { hostByDomain, ...server } = preset;
  return { ...server, host: hostByDomain[domainOf(address)] ?? server.host };
}

/** The user name this provider expects, as server/seed/providers.ts has it; '' when it is an id that only its owner knows. */
export function userOf(provider: Provider | undefined, protocol: Protocol, address: string): string {
  if (address === '' || provider?.login === 'account-id') return '';
  if (provider?.login === 'local-part') return address.split('@')[0] ?? '';
  // Gmail's POP3 shows each message once only, unless the user is written this way.
  return protocol === 'pop3' && provider?.quirks.includes('pop3-recent-login') ? `recent:${address}` : address;
}

export function providerOfAddress(address: string, providers: readonly Provider[]): Provider | undefined {
  return providers.find((one) => one.domains.includes(domainOf(address)));
}

/**
 * Another address, provider or protocol: server and user name follow, unless somebody typed their own.
 * @param chosen the reader chose the provider: the address does not change it any more
 */
export function seedWith(
  values: SeedValues,
  change: Partial<Pick<SeedValues, 'address' | 'provider' | 'protocol'>>,
  providers: readonly Provider[],
  chosen: boolean,
): SeedValues {
  const find = (id: ProviderId) => providers.find((one) => one.id === id);
  const before = find(values.provider);
  const next = { ...values, ...change };
  if (change.address !== undefined && !chosen)
    next.provider = providerOfAddress(next.address, providers)?.id ?? 'other';
  const provider = find(next.provider);
  const other: Protocol = next.protocol === 'imap' ? 'pop3' : 'imap';
  if (provider && !provider[next.protocol] && provider[other]) next.protocol = other;

  const isFilledIn = values.host === '' || values.host === serverOf(before, values.protocol, values.address)?.host;
  const server = serverOf(provider, next.protocol, next.address);
  if (isFilledIn) Object.assign(next, server ?? { host: '', port: PORTS[next.protocol].tls, security: 'tls' });
  else if (next.protocol !== values.protocol) next.port = portAfter(next.protocol, values.port, values.security);

  if (values.user === '' || values.user === userOf(before, values.protocol, values.address))
    next.user = userOf(provider, next.protocol, next.address);
  return next;
}

function domainOf(address: string): string {
  return address
    .slice(address.lastIndexOf('@') + 1)
    .trim()
    .toLowerCase();
}

export function seedInput(values: SeedValues): SeedInput {
  return {
    address: values.address,
    provider: values.provider,
    protocol: values.protocol,
    host: values.host,
    port: values.port,
    security: values.security,
    user: values.user,
    password: values.password,
    junkFolder: values.junkFolder.trim() === '' ? null : values.junkFolder,
    tags: values.tags,
  };
}

/** @param replacing the password field is open: an empty one keeps what is stored */
export function seedPatch(values: SeedValues, replacing: boolean): SeedPatch {
  const { password, ...rest } = seedInput(values);
  return replacing && password !== '' ? { ...rest, password } : rest;
}
