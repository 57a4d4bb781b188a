/** What {@code prune} does between the request and the table. */
package io.espalier.cli.run;
