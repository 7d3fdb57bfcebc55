// Reads a QR code from a camera or from a picture, on this device: by the browser's own reader where there is one,
// else by the `qr` package.

import { decodeQR } from 'qr/decode.js';

export type CameraProblem = 'refused' | 'none' | 'busy';

export class CameraFault extends Error {
  override readonly name = 'CameraFault';
  readonly fault: CameraProblem;
  constructor(fault: CameraProblem, cause: unknown) {
    super(`camera: ${fault}`, { cause });
    this.fault = fault;
  }
}

interface Detector {
  detect(source: ImageBitmapSource): Promise<readonly { readonly rawValue: string }[]>;
}
interface DetectorClass {
  new (options: { formats: string[] }): Detector;
  getSupportedFormats(): Promise<readonly string[]>;
}

/** Longest side of what is decoded: finer pictures cost time and show nothing more of a code that fills the frame. */
const MAX_SIDE = 1_000;
/** A frame is looked at this often; faster only warms the phone. */
const LOOK_EVERY_MS = 120;

async function nativeDetector(): Promise<Detector | undefined> {
  const Native = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
  try {
    if (Native === undefined || !(await Native.getSupportedFormats()).includes('qr_code')) return undefined;
    return new Native({ formats: ['qr_code'] });
  } catch {
    return undefined;
  }
}

/** Text of the code in a picture, or nothing. */
async function codeIn(
  source: HTMLVideoElement | ImageBitmap,
  detector: Detector | undefined,
): Promise<string | undefined> {
  if (detector !== undefined) {
    try {
      const found = (await detector.detect(source))[0]?.rawValue;
      if (found !== undefined && found !== '') return found;
    } catch {
      // A reader that breaks is no reason not to look ourselves.
    }
  }
  const width = source instanceof HTMLVideoElement ? source.videoWidth : source.width;
  const height = source instanceof HTMLVideoElement ? source.videoHeight : source.height;
  if (width === 0 || height === 0) return undefined;
  const scale = Math.min(1, MAX_SIDE / Math.max(width, height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) return undefined;
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  try {
    return decodeQR(context.getImageData(0, 0, canvas.width, canvas.height));
  } catch {
    return undefined;
  }
}

/** Text of the code in a picture file. */
export async function readPicture(file: Blob): Promise<string | undefined> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    return undefined;
  }
  const found = await codeIn(bitmap, await nativeDetector());
  bitmap.close();
  return found;
}

async function openCamera(): Promise<MediaStream> {
  try {
    return await navigator.mediaDevices.getUserMedia({
      video: { facingMode: 'environment', width: { ideal: 1_280 }, height: { ideal: 960 } },
      audio: false,
    });
  } catch (cause) {
    const name = cause instanceof DOMException ? cause.name : '';
    if (name === 'NotAllowedError' || name === 'SecurityError') throw new CameraFault('refused', cause);
    throw new CameraFault(name === 'NotReadableError' ? 'busy' : 'none', cause);
  }
}

/**
 * Shows the camera in `video` and resolves with the first code seen. Aborting the signal turns the camera off and
 * rejects. Rejects with `CameraFault` where there is no camera to be had.
 */
export async function scan(video: HTMLVideoElement, signal: AbortSignal): Promise<string> {
  if (navigator.mediaDevices === undefined) throw new CameraFault('none', undefined);
  const stream = await openCamera();
  try {
    signal.throwIfAborted();
    video.srcObject = stream;
    await video.play();
    const detector = await nativeDetector();
    for (;;) {
      signal.throwIfAborted();
      const found = await codeIn(video, detector);
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  }
}
