/** A sending system of its own, run as a process of its own: signs in at an SMTP server and sends the mail it is told on standard input, one copy for each address. */
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import nodemailer from 'nodemailer';

export type Order = {
  smtp: { host: string; port: number; user: string; password: string; caFile: string };
  from: string;
  to: string[];
  mail: { subject: string; text: string; html: string; headers: Record<string, string> };
};

const { smtp, from, to, mail } = JSON.parse(await text(process.stdin)) as Order;
const transport = nodemailer.createTransport({
  host: smtp.host,
  port: smtp.port,
  secure: true,
  auth: { user: smtp.user, pass: smtp.password },
  tls: { ca: readFileSync(smtp.caFile) },
});
for (const address of to) await transport.sendMail({ from, to: address, ...mail });
transport.close();
