export type AnswerForm = 'json' | 'html';

/**
 * The form that a caller would rather have, by its `Accept` header (RFC 9110, section 12.5.1). JSON unless HTML is
 * wanted more: programs mostly send nothing, or that they take anything, browsers name `text/html` first.
 */
export function acceptedForm(accept: string | undefined): AnswerForm {
  const ranges = (accept ?? '*/*').split(',').map(readRange);
  return weightOf('text/html', ranges) > weightOf('application/json', ranges) ? 'html' : 'json';
}

interface MediaRange {
  readonly type: string;
  readonly weight: number;
}

function readRange(text: string): MediaRange {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='));
  const weight = quality === undefined ? 1 : Number(quality.slice(2));
  return { type, weight: weight >= 0 && weight <= 1 ? weight : 0 };
}

/** The most specific range that covers the type decides. */
function weightOf(type: string, ranges: readonly MediaRange[]): number {
  const family = `${type.split('/', 1)[0]}/*`;
  const covering = [type, family, '*/*'].flatMap((covers) =>
    ranges.filter((range) => range.type === covers),
  );
  return covering[0]?.weight ?? 0;
}
