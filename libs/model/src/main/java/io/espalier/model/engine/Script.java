package io.espalier.model.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Operations of PyTorch that DJL's arrays lack: methods of a TorchScript module that is written here, in memory, and
 * loaded once per process. Each is a single operator, so it runs as PyTorch itself would run it, takes part in autograd,
 * and leaves nothing for a script optimizer to reorder. Results belong to the manager of the first argument.
 */
public enum Script {
    /** {@code softmax(q k^T / sqrt(Dh)) v} where query t sees keys 0..t; q [B, Hq, T, Dh], k and v [B, Hkv, T, Dh]. */
    CAUSAL_ATTENTION("causal", "q, k, v",
            "torch.scaled_dot_product_attention(q, k, v, None, 0., True, scale=None, enable_gqa=True)"),
    /** The same where every query sees every key; k and v [B, Hkv, S, Dh]. */
    OPEN_ATTENTION("open", "q, k, v",
            "torch.scaled_dot_product_attention(q, k, v, None, 0., False, scale=None, enable_gqa=True)"),
    /** The same with an additive mask m [T, S]. */
    MASKED_ATTENTION("masked", "q, k, v, m",
            "torch.scaled_dot_product_attention(q, k, v, m, 0., False, scale=None, enable_gqa=True)"),
    /** {@code x * sigmoid(x)}. */
    SILU("silu", "x", "torch.silu(x)");

    /** A pickled object of class M without state: protocol 2, GLOBAL, empty tuple, NEWOBJ, empty dict, BUILD. */
    private static final String OBJECT = "\u0080\2c__torch__\nM\n)\u0081}b.";
    private static final String NO_CONSTANTS = "\u0080\2).";
    /** Of the archive's format. */
    private static final String VERSION = "3\n";

    private final String method;
    private final String arguments;
    private final String expression;

    Script(String method, String arguments, String expression) {
        this.method = method;
        this.arguments = arguments;
        this.expression = expression;
    }

    public NDArray apply(NDArray... tensors) {
        NDList list = new NDList(tensors);
        list.add(Loaded.NAMES.get(this));
        return IValueUtils.forward(Loaded.MODULE, list, true).singletonOrThrow();
    }

    private String source() {
        String parameters = arguments.replaceAll("(\\w+)", "$1: Tensor");
        return "  def " + method + "(self, " + parameters + ") -> Tensor:\n    return " + expression + "\n";
    }

    private static byte[] archive() {
        var code = new StringBuilder("class M(Module):\n  __parameters__ = []\n  __buffers__ = []\n");
        for (Script script : values()) {
            code.append(script.source());
        }
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            add(zip, "data.pkl", OBJECT);
            add(zip, "code/__torch__.py", code.toString());
            add(zip, "constants.pkl", NO_CONSTANTS);
            add(zip, "version", VERSION);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Stored, sizes in front: what PyTorch's reader expects. */
    private static void add(ZipOutputStream zip, String name, String content) throws IOException {
        byte[] bytes = content.getBytes(StandardCharsets.ISO_8859_1);
        var crc = new CRC32();
        crc.update(bytes);
        var entry = new ZipEntry("espalier/" + name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(bytes);
        zip.closeEntry();
    }

    /** Loads the module on first use; it lives as long as the process. */
    private static final class Loaded {
        private static final NDManager MANAGER = Torch.processManager();
        private static final PtSymbolBlock MODULE = load();
        /** DJL calls the method that the name of an argument names; that argument is not passed on. */
        private static final Map<Script, NDArray> NAMES = names();

        private static PtSymbolBlock load() {
            try {
                return JniUtils.loadModule((PtNDManager) MANAGER, new ByteArrayInputStream(archive()), false, false);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static Map<Script, NDArray> names() {
            var names = new EnumMap<Script, NDArray>(Script.class);
            for (Script script : values()) {
                NDArray name = MANAGER.create(0);
                name.setName("module_method:" + script.method);
                names.put(script, name);
            }
            return names;
        }
    }
}
