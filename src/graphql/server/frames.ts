// Results that many take, as the frames of a WebSocket: the most of a frame is the same for all of them.

import type { Socket } from 'node:net';

/** Bytes from which a copy for each socket costs more than a second piece. */
const COPIED_MAX = 16 * 1024;
/** First byte of a frame that is a whole message of text (RFC 6455, section 5.2). */
const WHOLE_TEXT = 0x81;

/**
 * Send a message of text, `head` and `body` together, as one frame. What the library of WebSockets writes to the same
 * socket comes before or after it, as it writes whole frames too and compresses nothing.
 */
export function sendFrame(socket: Socket, head: string, body: Buffer): void {
  const headLength = Buffer.byteLength(head);
  const length = headLength + body.length;
  const start = lengthBytes(length) + headLength;
  // What has to wait shares the body with all others, and keeps nothing else of a pool of buffers alive.
  if (body.length > COPIED_MAX || socket.writableLength > 0) {
    const piece = Buffer.allocUnsafeSlow(start);
    piece.write(head, writeLength(piece, length));
    socket.cork();
    socket.write(piece);
    socket.write(body);
    socket.uncork();
    return;
  }
  const frame = Buffer.allocUnsafe(start + body.length);
  frame.write(head, writeLength(frame, length));
  body.copy(frame, start);
  socket.write(frame);
}

const lengthBytes = (length: number): number => (length < 126 ? 2 : length < 65_536 ? 4 : 10);

/** Write what stands before a message of so many bytes; returns the place behind it. */
function writeLength(frame: Buffer, length: number): number {
  frame[0] = WHOLE_TEXT;
  if (length < 126) return frame.writeUInt8(length, 1);
  frame[1] = length < 65_536 ? 126 : 127;
  if (length < 65_536) return frame.writeUInt16BE(length, 2);
  return frame.writeBigUInt64BE(BigInt(length), 2);
}
