/**
 * Who may do what. An {@link io.espalier.coordinator.access.Authenticator} turns a bearer token into a
 * {@link io.espalier.coordinator.access.Caller} with {@link io.espalier.coordinator.access.Role}s: one token for all
 * roles, a file of tokens, or JSON Web Tokens. This package knows no routes; {@code http} asks it.
 */
package io.espalier.coordinator.access;
