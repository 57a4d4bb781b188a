/** The processes of one machine: {@link io.espalier.cli.stack.LocalStack} starts, watches and stops them. */
package io.espalier.cli.stack;
