/** What a sender's forms hold, what follows from a choice or an address, and how it goes to the API. Pure. */
import type { PresetsJson } from '../../../server/api/json/presets.ts';
import type { SenderInput, SenderJson, SenderPatch } from '../../../server/api/json/senders.ts';
import type { Security, SenderPresetId } from '../../../server/sender/types.ts';

export type SenderValues = {
  preset: SenderPresetId;
  name: string;
  fromAddress: string;
  fromName: string;
  host: string;
  port: number;
  security: Security;
  user: string;
  password: string;
  dailyLimit: number;
  minGapSeconds: number;
};
export type Service = PresetsJson['senders'][number];

/** As the server names fields that it complains of. */
export const SENDER_FIELDS = [
  'name',
  'fromAddress',
  'fromName',
  'smtp.host',
  'smtp.port',
  'smtp.security',
  'smtp.user',
  'smtp.password',
  'dailyLimit',
  'minGapSeconds',
  'password',
];

/** @param sender the one to change or to copy; null: a new one */
export function senderValues(sender: SenderJson | null): SenderValues {
  return {
    preset: sender?.preset ?? 'own-server',
    name: sender?.name ?? '',
    fromAddress: sender?.fromAddress ?? '',
    fromName: sender?.fromName ?? '',
    host: sender?.smtp.host ?? '',
    port: sender?.smtp.port ?? 587,
    security: sender?.smtp.security ?? 'starttls',
    user: sender?.smtp.user ?? '',
    password: '',
    dailyLimit: sender?.dailyLimit ?? 500,
    minGapSeconds: sender?.minGapSeconds ?? 1,
  };
}

/** Another service was chosen: its server, its limits, and the user name it wants. */
export function withService(values: SenderValues, service: Service, services: readonly Service[]): SenderValues {
  const best = service.routes[0];
  // The host of the service chosen before is nobody's own words.
  const known = services.some((one) => one.routes.some((route) => route.host === values.host));
  const server = best ?? (known ? { host: '', port: 587, security: 'starttls' as const } : null);
  return {
    ...values,
    ...server,
    preset: service.id,
    user: isFilledIn(values, services) ? userOf(service, values.fromAddress) : values.user,
    dailyLimit: service.dailyLimit,
    minGapSeconds: service.minGapSeconds,
  };
}

/** Another address was typed: where the address is the user name, it follows. */
export function withAddress(
  values: SenderValues,
  fromAddress: string,
  service: Service | undefined,
  services: readonly Service[],
): SenderValues {
  const follows = service?.user.kind === 'address' && isFilledIn(values, services);
  return { ...values, fromAddress, user: follows ? userOf(service, fromAddress) : values.user };
}

/** Nobody typed the user name: it is empty, the address, or the fixed word of a service. */
function isFilledIn({ user, fromAddress }: SenderValues, services: readonly Service[]): boolean {
  return (
    user === '' ||
    user === fromAddress ||
    services.some((service) => service.user.kind === 'fixed' && service.user.value === user)
  );
}

function userOf(service: Service, address: string): string {
  if (service.user.kind === 'fixed') return service.user.value;
  // One's own server may ask for no user at all, and a relay may know this machine by its address.
  return service.user.kind === 'address' && !MAY_ASK_NOBODY.has(service.id) ? address : '';
}

export const MAY_ASK_NOBODY: ReadonlySet<SenderPresetId> = new Set(['own-server', 'google-workspace-relay']);

/** What to call a sender whose owner gave it no name: the service, or the domain; with the address where that is taken. */
export function senderName(values: SenderValues, serviceName: string, taken: readonly string[]): string {
  const domain = values.fromAddress.split('@').at(-1) ?? '';
  const name = values.preset === 'own-server' ? domain : serviceName;
  return (taken.includes(name) ? `${name} (${values.fromAddress})` : name).slice(0, 100);
}

/** @param budget `of-service`: the server fills in what is usual for this service and address */
export function senderInput(values: SenderValues, budget: 'typed' | 'of-service'): SenderInput {
  return {
    preset: values.preset,
    name: values.name,
    fromAddress: values.fromAddress,
    fromName: values.fromName,
    smtp: {
      host: values.host,
      port: values.port,
      security: values.security,
      user: values.user.trim() === '' ? null : values.user,
      password: values.password === '' ? null : values.password,
    },
    ...(budget === 'typed' ? { dailyLimit: values.dailyLimit, minGapSeconds: values.minGapSeconds } : {}),
  };
}

/** @param replacing the password field is open: an empty one keeps what is stored */
export function senderPatch(values: SenderValues, replacing: boolean, budget: 'typed' | 'of-service'): SenderPatch {
  const { smtp, ...rest } = senderInput(values, budget);
  const { password, ...route } = smtp;
  return { ...rest, smtp: replacing && password ? { ...route, password } : route };
}
