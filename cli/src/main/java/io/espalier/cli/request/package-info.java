/** A request on its way from the user's file: paths made absolute, inputs there, output free. */
package io.espalier.cli.request;
