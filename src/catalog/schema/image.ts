// Images as the world sees them.

import { builder, enumType } from '../../graphql/builder.ts';
import { mutation } from '../../graphql/payload.ts';
import { seesImage } from '../access.ts';
import { requestImage } from '../actions/images.ts';
import { imageRequestInput } from '../inputs/images.ts';
import { imagePath, uploadPath } from '../rules.ts';
import { imageStates } from '../texts.ts';

const ImageState = enumType('ImageState', 'Whether an image was uploaded.', imageStates);

builder.prismaNode('Image', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (image, { actor }) => seesImage(actor, image),
  select: {
    id: true,
    productVersions: {
      where: { productVersion: { state: 'PUBLISHED' } },
      take: 1,
      select: { imageId: true },
    },
  },
  fields: (t) => ({
    state: t.expose('state', { type: ImageState, description: 'Whether it was uploaded.' }),
    url: t.string({
      nullable: true,
      description:
        'Path on this server under which the image is served; null until it was uploaded. What is served there never changes.',
      select: { id: true, state: true },
      resolve: ({ id, state }) => (state === 'READY' ? imagePath(id) : null),
    }),
    contentType: t.exposeString('contentType', { nullable: true }),
    width: t.exposeInt('width', { nullable: true }),
    height: t.exposeInt('height', { nullable: true }),
    byteCount: t.exposeInt('byteCount', { nullable: true }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When its upload was requested.' }),
    version: t.exposeInt('version', { description: 'Raised by one with every event.' }),
  }),
});

mutation('imageRequest', {
  description:
    'Ask for a URL to upload one image to: `PUT` a PNG, JPEG, WebP or GIF file of at most 10 MiB and 12000 × 12000 pixels there within 15 minutes. Every call makes a new image.',
  scope: 'images.upload',
  input: imageRequestInput,
  run: (tx, actor, _input, at) => requestImage(tx, actor, at),
  returns: 'Image',
  payload: (t) => ({
    uploadUrl: t.string({
      nullable: true,
      description: 'Path on this server that takes one `PUT`. Shown only here.',
      resolve: ({ result }) => (result ? uploadPath(result.token) : null),
    }),
  }),
});
