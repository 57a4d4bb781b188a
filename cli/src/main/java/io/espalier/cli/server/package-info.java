/** The coordinator as seen over HTTP. */
package io.espalier.cli.server;
