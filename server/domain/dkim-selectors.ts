/**
 * Selectors that sending services and mail servers set up unless told otherwise, and names by which a key's alias gives its service away. No list of a
 * domain's selectors exists in DNS, so these are tried besides those that are known. Services that make a random name for each customer (Amazon SES,
 * Postmark) cannot stand here. As of November 2026.
 */

/** Selector → who uses it; null: many do. */
export const USUAL_SELECTORS: Readonly<Record<string, string | null>> = {
  google: 'Google Workspace',
  selector1: 'Microsoft 365',
  selector2: 'Microsoft 365',
  s1: null, // SendGrid and others
  s2: null,
  default: null, // OpenDKIM, cPanel, Plesk
  mail: null,
  dkim: null,
  email: null,
  smtp: null,
  key1: null,
  key2: null,
  m1: null,
  mx: null,
  k1: 'Mailchimp',
  k2: 'Mailchimp',
  k3: 'Mailchimp',
  mandrill: 'Mandrill',
  mte1: 'Mandrill',
  smtpapi: 'SendGrid',
  pic: 'Mailgun',
  mailo: 'Mailgun',
  krs: 'Mailgun',
  pm: 'Postmark',
  mailjet: 'Mailjet',
  brevo1: 'Brevo',
  brevo2: 'Brevo',
  fm1: 'Fastmail',
  fm2: 'Fastmail',
  fm3: 'Fastmail',
  mesmtp: 'Fastmail',
  protonmail: 'Proton Mail',
  protonmail2: 'Proton Mail',
  protonmail3: 'Proton Mail',
  sig1: 'iCloud',
  zoho: 'Zoho',
  zmail: 'Zoho',
  hs1: 'HubSpot',
  hs2: 'HubSpot',
  kl: 'Klaviyo',
  kl2: 'Klaviyo',
  zendesk1: 'Zendesk',
  zendesk2: 'Zendesk',
  ctct1: 'Constant Contact',
  ctct2: 'Constant Contact',
  cm: 'Campaign Monitor',
  ml: 'MailerLite',
  litesrv: 'MailerLite',
  mlsend: 'MailerSend',
  resend: 'Resend',
  cio: 'Customer.io',
  cka: 'Kit',
  acdkim1: 'ActiveCampaign',
  intercom: 'Intercom',
  strong1: 'Help Scout',
  '200608': 'Salesforce Marketing Cloud',
  titan1: 'Titan',
  'hostingermail-a': 'Hostinger',
  mailru: 'Mail.ru',
};

/** Suffix of the name an alias leads to → the service. */
const BY_ALIAS: readonly (readonly [string, string])[] = [
  ['onmicrosoft.com', 'Microsoft 365'],
  ['dkim.mail.microsoft', 'Microsoft 365'],
  ['sendgrid.net', 'SendGrid'],
  ['mcsv.net', 'Mailchimp'],
  ['mandrillapp.com', 'Mandrill'],
  ['mailgun.org', 'Mailgun'],
  ['amazonses.com', 'Amazon SES'],
  ['protonmail.ch', 'Proton Mail'],
  ['proton.ch', 'Proton Mail'],
  ['fmhosted.com', 'Fastmail'],
  ['messagingengine.com', 'Fastmail'],
  ['icloudmailadmin.com', 'iCloud'],
  ['hubspotemail.net', 'HubSpot'],
  ['brevo.com', 'Brevo'],
  ['sendinblue.com', 'Brevo'],
  ['zendesk.com', 'Zendesk'],
  ['customeriomail.com', 'Customer.io'],
  ['ccsend.com', 'Constant Contact'],
  ['createsend.com', 'Campaign Monitor'],
  ['mlsend.com', 'MailerLite'],
  ['mailersend.net', 'MailerSend'],
  ['sparkpostmail.com', 'SparkPost'],
  ['helpscout.net', 'Help Scout'],
  ['convertkit.com', 'Kit'],
  ['exacttarget.com', 'Salesforce Marketing Cloud'],
  ['salesforce.com', 'Salesforce'],
  ['hostinger.com', 'Hostinger'],
  ['titan.email', 'Titan'],
];

/** Whose key this is: by the alias if there is one, else by the selector's name. */
export function providerOf(selector: string, cnames: readonly string[]): string | null {
  const target = (cnames.at(-1) ?? '').toLowerCase().replace(/\.$/, '');
  const aliased = BY_ALIAS.find(([suffix]) => target === suffix || target.endsWith(`.${suffix}`));
  if (aliased) return aliased[1];
  return Object.hasOwn(USUAL_SELECTORS, selector) ? (USUAL_SELECTORS[selector] ?? null) : null;
}
