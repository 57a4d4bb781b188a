/** The scoring worker: PREPARE, SCORE and RANK, and the early check of a request. Translates requests for libs/pruning. */
package io.espalier.scoring;
