/** How our processes live together: a ready line on standard output, an end when the parent has gone, free ports. */
package io.espalier.platform.process;
