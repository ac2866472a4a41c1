/** What the drawings of these tests are made of. */
export interface TextStyle {
  readonly size: number;
  readonly fill: string;
  readonly anchor?: 'middle' | 'end';
  readonly weight?: 'bold';
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

export function textAt(
  { x, y }: { readonly x: number; readonly y: number },
  text: string,
  { size, fill, anchor, weight }: TextStyle,
): string {
  const extra = `${anchor ? ` text-anchor="${anchor}"` : ''}${weight ? ` font-weight="${weight}"` : ''}`;
  return `<text x="${round(x)}" y="${round(y)}" font-size="${size}" fill="${fill}"${extra}>${escaped(text)}</text>`;
}

export function box(
  { x, y, width, height }: Box,
  {
    fill,
    stroke,
    radius,
  }: { readonly fill: string; readonly stroke: string; readonly radius: number },
): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="${radius}" fill="${fill}" stroke="${stroke}"/>`;
}

/** A tenth of a pixel is as fine as anybody sees. */
export function round(figure: number): number {
  return Math.round(figure * 10) / 10;
}
