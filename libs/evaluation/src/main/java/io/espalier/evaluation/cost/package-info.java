/** What a model costs: operations counted, time and memory measured. */
package io.espalier.evaluation.cost;
