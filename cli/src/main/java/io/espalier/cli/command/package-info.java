/** One class per command; each reads its options, calls the other packages, prints, and returns the exit status. */
package io.espalier.cli.command;
