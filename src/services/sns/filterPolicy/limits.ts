/** Limits of filter policies, from the developer guide's page on their constraints. */

export const policyBytes = 262_144;
/** Keys at the top of a policy; what is nested is not counted. */
export const topLevelKeys = 5;
/** The product of the numbers of values, each multiplied by its depth; summed over the alternatives of `$or`. */
export const combinations = 150;
export const wildcardsPerPattern = 3;
/** Summed over the fields: the points of a field's wildcard patterns, times the number of these patterns. */
export const wildcardPoints = 100;
/** In a pattern with several. */
export const pointsPerAsterisk = 3;
/** Of JSON, in a policy and in a message body: what AWS's parser reads by default. */
export const nestingDepth = 1_000;
/** Of an operand of `numeric`. The guide promises a billion; AWS's rule engine takes five. */
export const numericMagnitude = 5e9;
/** Filter policies of a topic, by default; counted where quotas are enforced. */
export const policiesPerTopic = 200;
