/** What a run found, as data: written as JSON, printed as a table, drawn as plots. */
package io.espalier.bench.result;
