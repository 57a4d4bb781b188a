/** How the log is written. */
package io.espalier.platform.log;
