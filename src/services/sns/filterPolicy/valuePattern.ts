/** What a policy may ask of one value. Strings, numbers, booleans and null are different from each other: "1" is not 1. */
export type Scalar = string | number | boolean | null;

export type ValuePattern =
  | { readonly kind: 'equals'; readonly value: Scalar }
  | { readonly kind: 'prefix'; readonly text: string }
  | { readonly kind: 'suffix'; readonly text: string }
  | { readonly kind: 'equals-ignore-case'; readonly text: string }
  | { readonly kind: 'wildcard'; readonly pieces: readonly string[] }
  | { readonly kind: 'numeric'; readonly range: NumericRange }
  | { readonly kind: 'cidr'; readonly network: Network }
  | { readonly kind: 'exists'; readonly exists: boolean }
  | { readonly kind: 'anything-but'; readonly patterns: readonly ValuePattern[] };

/** A bound that is absent is infinite, and part of the range. */
export interface NumericRange {
  readonly from: number;
  readonly isFromIncluded: boolean;
  readonly to: number;
  readonly isToIncluded: boolean;
}

export interface Network {
  readonly address: string;
  readonly bits: number;
  readonly family: 'ipv4' | 'ipv6';
}
