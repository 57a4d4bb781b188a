package io.espalier.protocol.request;

/**
 * One thing wrong with a request.
 *
 * @param pointer JSON pointer of the offending key, empty for the whole request
 * @param message what is wrong and what would be right
 * @param line    line of the text, from 1; 0 where it is not known
 */
public record RequestProblem(String pointer, String message, int line) {
    public RequestProblem(String pointer, String message) {
        this(pointer, message, 0);
    }

    /** One line for people: {@code line 7, /method/criterion: 'l3' is not one of …}. */
    @Override
    public String toString() {
        String place = pointer.isEmpty() ? "request" : pointer;
        return (line > 0 ? "line " + line + ", " : "") + place + ": " + message;
    }
}
