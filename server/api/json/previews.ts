/** A probe's mail as its reader would see it, without anything that runs, loads or leads away. */
import { z } from 'zod';
import { PREVIEW_REASONS } from '../../preview/types.ts';

const count = z.number().int();

export const previewJson = z
  .object({
    text: z.string().nullable().meta({ description: 'The part for readers without HTML' }),
    html: z.string().nullable().meta({
      description: 'For a frame without rights only: no script, no address, pictures only as they came with the mail',
    }),
    cut: z.boolean().meta({ description: 'The mail is longer than what is shown of it' }),
    blocked: z
      .object({ images: count, scripts: count, styles: count, links: count, forms: count, embeds: count })
      .meta({ description: 'What was taken out of the HTML' }),
    attachments: z.array(
      z.object({
        name: z.string().nullable(),
        type: z.string(),
        size: count.meta({ description: 'Bytes' }),
        inline: z.boolean().meta({ description: 'Shown within the HTML' }),
      }),
    ),
    reason: z
      .enum(PREVIEW_REASONS)
      .nullable()
      .meta({ description: 'Why there is nothing to show; null when there is' }),
  })
  .meta({ id: 'Preview' });
export type PreviewJson = z.infer<typeof previewJson>;
