/**
 * The configuration of the lab's servers, as text. Everything is on 127.0.0.1 and in the lab's own folder, and nobody asks the
 * machine's DNS: Postfix is told where mail goes (it cannot be told a DNS port), rspamd is given the lab's DNS server.
 */

export type LabPorts = {
  /** Submission: implicit TLS and STARTTLS. */
  smtps: number;
  submission: number;
  /** Where the receiving side takes mail from anybody. */
  mx: number;
  imaps: number;
  imap: number;
  pop3s: number;
  pop3: number;
  milter: number;
};
export type LabPlan = {
  folder: string;
  ports: LabPorts;
  /** `127.0.0.1:PORT` */
  dns: string;
  accounts: { address: string; password: string }[];
};

export const SEED_DOMAIN = 'seed.test';
export const MX_HOST = 'mx.seed.test';
export const SENDER_DOMAIN = 'good.test';
export const SELECTOR = 's1';

/** Path below the lab's folder → content. */
export function configFiles(plan: LabPlan): Record<string, string> {
  return {
    'dovecot.conf': dovecot(plan),
    users: plan.accounts.map(({ address, password }) => `${address}:{PLAIN}${password}\n`).join(''),
    'junk.sieve': 'require ["fileinto"];\nif header :is "X-Spam" "Yes" { fileinto "Junk"; stop; }\n',
    'submission/main.cf': submission(plan),
    'submission/master.cf': master([
      `127.0.0.1:${plan.ports.smtps} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes`,
      `127.0.0.1:${plan.ports.submission} inet n - n - - smtpd -o smtpd_tls_security_level=encrypt`,
    ]),
    'mx/main.cf': mx(plan),
    'mx/master.cf': master([`127.0.0.1:${plan.ports.mx} inet n - n - - smtpd`]),
    'rspamd.conf': rspamd(plan),
    // The whole list of public suffixes takes rspamd ten seconds to compile; the lab has one.
    tlds: 'test\n',
  };
}

function dovecot({ folder, ports }: LabPlan): string {
  return `
base_dir = ${folder}/dovecot
state_dir = ${folder}/dovecot
log_path = ${folder}/dovecot.log
listen = 127.0.0.1
protocols = imap pop3 lmtp
ssl = yes
ssl_cert = <${folder}/cert.pem
ssl_key = <${folder}/key.pem
disable_plaintext_auth = yes
auth_mechanisms = plain login
first_valid_uid = 8
mail_uid = mail
mail_gid = mail
mail_home = ${folder}/mail/%d/%n
mail_location = maildir:~/Maildir
hostname = ${MX_HOST}
passdb {
  driver = passwd-file
  args = ${folder}/users
}
userdb {
  driver = static
  args = uid=mail gid=mail
}
namespace inbox {
  inbox = yes
  separator = /
  mailbox Junk {
    auto = subscribe
    special_use = \\Junk
  }
  mailbox Sent {
    auto = subscribe
    special_use = \\Sent
  }
  mailbox Trash {
    auto = subscribe
    special_use = \\Trash
  }
}
service imap-login {
  inet_listener imap {
    port = ${ports.imap}
  }
  inet_listener imaps {
    port = ${ports.imaps}
    ssl = yes
  }
}
service pop3-login {
  inet_listener pop3 {
    port = ${ports.pop3}
  }
  inet_listener pop3s {
    port = ${ports.pop3s}
    ssl = yes
  }
}
service lmtp {
  unix_listener lmtp {
    mode = 0666
  }
}
service auth {
  unix_listener auth-client {
    mode = 0666
  }
}
protocol lmtp {
  mail_plugins = sieve
}
plugin {
  sieve_before = ${folder}/junk.sieve
}
`;
}

function postfix({ folder }: LabPlan, name: string): string {
  return `
compatibility_level = 3.6
config_directory = ${folder}/${name}
queue_directory = ${folder}/${name}-queue
data_directory = ${folder}/${name}-data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
meta_directory = /etc/postfix
maillog_file = ${folder}/${name}.log
maillog_file_prefixes = ${folder}
syslog_name = ${name}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks =
mydestination =
alias_maps =
alias_database =
local_recipient_maps =
smtpd_peername_lookup = no
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtpd_tls_chain_files = ${folder}/key.pem, ${folder}/cert.pem
smtpd_tls_loglevel = 1
smtpd_tls_received_header = yes
enable_long_queue_ids = yes
default_database_type = texthash
queue_run_delay = 3s
minimal_backoff_time = 3s
maximal_backoff_time = 8s
`;
}

/** What a mail program or newsletter system hands its mail to: TLS and a password first, then out with a DKIM signature. */
function submission(plan: LabPlan): string {
  return `${postfix(plan, 'submission')}
myhostname = out.${SENDER_DOMAIN}
smtpd_sasl_type = dovecot
smtpd_sasl_path = ${plan.folder}/dovecot/auth-client
smtpd_sasl_auth_enable = yes
smtpd_sasl_security_options = noanonymous
smtpd_tls_auth_only = yes
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = permit_sasl_authenticated, reject
message_size_limit = 26214400
smtpd_milters = inet:127.0.0.1:${plan.ports.milter}
milter_default_action = tempfail
smtp_tls_security_level = may
smtp_tls_loglevel = 1
transport_maps = inline:{ {${SEED_DOMAIN}=smtp:[127.0.0.1]:${plan.ports.mx}} }
default_transport = error:the lab delivers to ${SEED_DOMAIN} only
`;
}

/** What stands before the seeds: rspamd judges while the client waits, Dovecot stores. */
function mx(plan: LabPlan): string {
  const mailboxes = plan.accounts.map(({ address }) => `{${address}=x}`).join(', ');
  return `${postfix(plan, 'mx')}
myhostname = ${MX_HOST}
smtpd_tls_security_level = may
virtual_mailbox_domains = ${SEED_DOMAIN}
virtual_mailbox_maps = inline:{ ${mailboxes} }
virtual_transport = lmtp:unix:${plan.folder}/dovecot/lmtp
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions = reject_unauth_destination
smtpd_milters = inet:127.0.0.1:${plan.ports.milter}
milter_default_action = tempfail
`;
}

function master(listeners: string[]): string {
  return `${listeners.join('\n')}
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`;
}

/**
 * A small rspamd: SPF, DKIM and DMARC decide, nothing else is loaded, so it starts in a second. It trusts loopback unless it is told to check
 * it all the same, and refuses GTUBE unless told to sort it. The same rspamd signs what comes in through submission.
 */
function rspamd({ folder, ports, dns }: LabPlan): string {
  const modules = ['spf', 'dmarc', 'dkim_signing', 'milter_headers'];
  return `
options {
  filters = "dkim";
  local_addrs = [];
  check_local = true;
  gtube_patterns = "all";
  enable_test_patterns = true;
  disable_hyperscan = true;
  tempdir = "${folder}/rspamd-run";
  url_tld = "${folder}/tlds";
  control_socket = "${folder}/rspamd-run/control mode=0600";
  dns { nameserver = ["${dns}"]; timeout = 2s; retransmits = 2; }
}
logging { type = "file"; filename = "${folder}/rspamd.log"; level = "notice"; }
worker "rspamd_proxy" {
  bind_socket = "127.0.0.1:${ports.milter}";
  milter = yes;
  timeout = 30s;
  count = 1;
  upstream "local" { default = yes; self_scan = yes; }
}
lua = "$RULESDIR/rspamd.lua";
modules { ${modules.map((name) => `path = "$PLUGINSDIR/${name}.lua";`).join(' ')} }
actions { reject = 100; add_header = 6; }
group "policies" {
  symbols {
    "R_SPF_FAIL" { weight = 1.0; }
    "DMARC_POLICY_REJECT" { weight = 8.0; }
    "DMARC_POLICY_QUARANTINE" { weight = 6.5; }
  }
}
spf { check_local = true; }
dkim { check_local = true; }
dmarc { check_local = true; actions = { quarantine = "add_header"; reject = "add_header"; } }
milter_headers {
  use = ["authentication-results", "x-spamd-result", "spam-header"];
  skip_local = false;
  skip_authenticated = true;
}
dkim_signing {
  sign_authenticated = true;
  sign_local = false;
  use_esld = false;
  allow_username_mismatch = true;
  domain { ${SENDER_DOMAIN} { selector = "${SELECTOR}"; path = "${folder}/dkim.key"; } }
}
`;
}
