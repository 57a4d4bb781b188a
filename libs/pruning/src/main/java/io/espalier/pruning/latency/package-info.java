/** How long plans take: variants of a model are timed elsewhere, here their times become a cost model and a plan that meets it. */
package io.espalier.pruning.latency;
