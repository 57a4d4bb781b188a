package io.espalier.protocol.request;

/** JSON pointers, RFC 6901. */
final class Pointers {
    private Pointers() {}

    static String escape(String key) {
        return key.replace("~", "~0").replace("/", "~1");
    }

    static String child(String pointer, String key) {
        return pointer + "/" + escape(key);
    }
}
