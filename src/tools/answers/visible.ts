/** Letters and signs of scripts in which a joiner between two of them changes what is seen. */
const JOINING =
  '[\\p{Script=Arabic}\\p{Script=Devanagari}\\p{Script=Bengali}\\p{Script=Gujarati}\\p{Script=Gurmukhi}\\p{Script=Kannada}\\p{Script=Malayalam}\\p{Script=Oriya}\\p{Script=Sinhala}\\p{Script=Tamil}\\p{Script=Telugu}\\p{Script=Khmer}\\p{Script=Mongolian}]';
const LINE_ENDS = /\r\n?|[\v\f\u0085\u2028\u2029]/g;
/**
 * All that leaves no ink but blanks, line ends and tabs. Kept is what belongs to a sign that is seen: what colours an emoji,
 * what joins two, and what joins or parts the letters of scripts that are written so.
 */
const UNSEEN = new RegExp(
  [
    '(?![\\n\\t])',
    '(?!(?<=[\\p{Extended_Pictographic}\\d#*])\\uFE0F)',
    '(?!(?<=[\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\uFE0F])\\u200D(?=\\p{Extended_Pictographic}))',
    `(?!(?<=${JOINING})[\\u200C\\u200D](?=${JOINING}))`,
    '[\\p{Cc}\\p{Cf}\\p{Default_Ignorable_Code_Point}\\u2800]',
  ].join(''),
  'gu',
);

/** A text without characters that nobody sees: control, bidirectional and zero-width ones, tags, variation selectors. */
export function visible(text: string): string {
  return text.replace(LINE_ENDS, '\n').replace(UNSEEN, '');
}
