/** The English built-in messages: see types.ts for what they must be. */
import type { Templates } from './types.ts';

export const ENGLISH: Templates = {
  greeting: 'Hello,',
  closing: ({ name }) => `Best regards,\n${name}`,
  reference: (token) => `Reference: ${token}`,
  plain: [
    ({ day }) => ({
      subject: `Notes from our call on ${day}`,
      paragraphs: [
        'Thank you for taking the time today. As agreed, we will keep the current schedule and move the review to the last week of the month.',
        'I will send the revised figures once the team has gone through them. If anything in my notes does not match yours, just let me know.',
      ],
    }),
    ({ day }) => ({
      subject: 'Office hours next week',
      paragraphs: [
        `A short note, written on ${day}: next week the office opens at ten on Tuesday and Wednesday, as two of us are travelling.`,
        'Calls will be answered as usual in the afternoon. For anything urgent, a reply to this message reaches all of us.',
      ],
    }),
    ({ day }) => ({
      subject: `Your order as of ${day}`,
      paragraphs: [
        'We have everything in stock and will pack it tomorrow morning. The parcel usually takes two working days.',
        'You do not need to do anything. Should the delivery address have changed, please reply before noon tomorrow.',
      ],
    }),
    () => ({
      subject: 'A question about last month’s invoice',
      paragraphs: [
        'Our accountant noticed that the second line of last month’s invoice shows the old unit price. The total is right, so this is only about the paperwork.',
        'Would it be possible to send a corrected copy by the end of the week? There is no hurry on our side.',
      ],
    }),
    ({ day }) => ({
      subject: 'Room booking confirmed',
      paragraphs: [
        'The meeting room on the second floor is booked for eight people, with a screen and a whiteboard.',
        `The booking was made on ${day}. If the number of guests changes, please tell us a day ahead so that we can prepare the room.`,
      ],
    }),
    () => ({
      subject: 'Thank you for your feedback',
      paragraphs: [
        'Your remarks about the packaging were passed on to the people who can change it. The new boxes are a little smaller and need no tape.',
        'We will use them from next month on, and would be glad to hear whether they arrive in better shape.',
      ],
    }),
  ],
  oneLink: [
    ({ day }) => ({
      subject: `Status report of ${day}`,
      paragraphs: [
        'The report for this week is ready. In short: both deliveries arrived on time, and one open question remains for the supplier.',
        'The full version with all figures is here:',
      ],
      link: { label: 'Read the report', path: '/reports' },
    }),
    () => ({
      subject: 'Updated documentation',
      paragraphs: [
        'We rewrote the chapter on installation, since most of the questions we received were about its third step.',
        'The new version is online. Corrections are welcome, a reply to this message is enough.',
      ],
      link: { label: 'Open the documentation', path: '/docs' },
    }),
    ({ day }) => ({
      subject: 'Your monthly statement is available',
      paragraphs: [
        `Your statement was prepared on ${day}. There is nothing to pay, it is for your records only.`,
        'You find it, as every month, in your account:',
      ],
      link: { label: 'Go to your account', path: '/account' },
    }),
    () => ({
      subject: 'Planned maintenance on Sunday',
      paragraphs: [
        'On Sunday between six and seven in the morning our service will be unavailable for about ten minutes while a server is replaced.',
        'No data is affected. The current state can be followed here:',
      ],
      link: { label: 'Service status', path: '/status' },
    }),
  ],
  newsletter: [
    ({ name, day }) => ({
      subject: `${name}: what we worked on this month`,
      heading: 'What we worked on this month',
      intro: `Three short stories from our workshop, put together on ${day}.`,
      items: [
        {
          title: 'A quieter search',
          text: 'Searching no longer reloads the whole page. It sounds small, and it is the change we enjoy most ourselves.',
          path: '/news/search',
          label: 'How it works',
        },
        {
          title: 'Shorter forms',
          text: 'We counted the fields nobody filled in and removed them. Ordering now takes four fields instead of eleven.',
          path: '/news/forms',
          label: 'Before and after',
        },
        {
          title: 'Questions from readers',
          text: 'You asked how long we keep your data. The answer fits on one page, and we wrote that page.',
          path: '/news/questions',
          label: 'Read the answer',
        },
      ],
      footer: 'You receive this message because this address is on our list.',
      unsubscribe: 'Unsubscribe',
    }),
    ({ name, day }) => ({
      subject: `Notes from ${name}`,
      heading: 'Notes from the team',
      intro: `A few things that kept us busy up to ${day}.`,
      items: [
        {
          title: 'New opening hours',
          text: 'From next week on we are there until seven on Thursdays, as many of you asked for.',
          path: '/hours',
          label: 'All opening hours',
        },
        {
          title: 'Behind the scenes',
          text: 'Our storage has moved to the ground floor. Parcels leave the house two hours earlier than before.',
          path: '/news/storage',
          label: 'See the pictures',
        },
      ],
      footer: 'You receive this message because this address is on our list.',
      unsubscribe: 'Unsubscribe',
    }),
    ({ name, day }) => ({
      subject: `${name} newsletter, ${day}`,
      heading: 'Good to know',
      intro: 'Answers to what our customers asked most often in the past weeks.',
      items: [
        {
          title: 'Can I change an order?',
          text: 'Yes, until it is packed. The order page shows how much time is left.',
          path: '/help/orders',
          label: 'Change an order',
        },
        {
          title: 'Where is my invoice?',
          text: 'Invoices are sent on the day of delivery and are kept in your account for ten years.',
          path: '/help/invoices',
          label: 'Find an invoice',
        },
      ],
      footer: 'You receive this message because this address is on our list.',
      unsubscribe: 'Unsubscribe',
    }),
  ],
};
