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
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Operations of PyTorch that DJL's arrays lack: each is the only method of a TorchScript module that is written here, in
 * memory, and loaded once per process, on first use. What it does runs as PyTorch itself would run it, takes part in
 * autograd, and leaves nothing for a script optimizer to reorder. Results belong to the manager of the first argument.
 */
public enum Script {
    /**
     * {@code softmax(q k^T / sqrt(Dh)) v} where query t sees keys 0..t; all [B, H, T, Dh]. PyTorch 2.7 has a fused kernel on
     * CPUs only for as many heads of keys as of queries.
     */
    CAUSAL_ATTENTION("q, k, v",
            "torch.scaled_dot_product_attention(q, k, v, None, 0., True, scale=None, enable_gqa=False)"),
    /** The same where every query sees every key; k and v [B, H, S, Dh]. */
    OPEN_ATTENTION("q, k, v",
            "torch.scaled_dot_product_attention(q, k, v, None, 0., False, scale=None, enable_gqa=False)"),
    /** The same with an additive mask m [T, S]. */
    MASKED_ATTENTION("q, k, v, m",
            "torch.scaled_dot_product_attention(q, k, v, m, 0., False, scale=None, enable_gqa=False)"),
    /** {@code x * sigmoid(x)}. */
    SILU("x", "torch.silu(x)"),
    /** {@code x w^T} by oneDNN, outside autograd, x and w laid out anyhow: nothing is copied. */
    ONEDNN_PRODUCT("x, w",
            "ops.mkldnn._linear_pointwise(x, w, None, \"none\", annotate(List[Optional[number]], []), \"\")"),
    /** fp32 to bf16 (15). */
    ROUND_TO_BFLOAT16("x", "torch.to(x, 15, False, False, None)"),
    /** {@code x w^T} of fp32 x and bf16 w, in bf16; then fp32 (6). */
    BFLOAT16_LINEAR("x, w",
            "torch.to(torch.linear(torch.to(x, 15, False, False, None), w, None), 6, False, False, None)");

    /** A pickled object of class M without state: protocol 2, GLOBAL, empty tuple, NEWOBJ, empty dict, BUILD. */
    private static final String OBJECT = "\u0080\2c__torch__\nM\n)\u0081}b.";
    private static final String NO_CONSTANTS = "\u0080\2).";
    /** Of the archive's format. */
    private static final String VERSION = "3\n";

    private final String arguments;
    private final String expression;
    private PtSymbolBlock module;

    Script(String arguments, String expression) {
        this.arguments = arguments;
        this.expression = expression;
    }

    public NDArray apply(NDArray... tensors) {
        return IValueUtils.forward(module(), new NDList(tensors), true).singletonOrThrow();
    }

    /** Loads the module on first use; it lives as long as the process. */
    private synchronized PtSymbolBlock module() {
        if (module == null) {
            try {
                module = JniUtils.loadModule((PtNDManager) Torch.processManager(), new ByteArrayInputStream(archive()),
                        false, false);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return module;
    }

    private String source() {
        String parameters = arguments.replaceAll("(\\w+)", "$1: Tensor");
        return "class M(Module):\n  __parameters__ = []\n  __buffers__ = []\n  def forward(self, " + parameters
                + ") -> Tensor:\n    return " + expression + "\n";
    }

    private byte[] archive() {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            add(zip, "data.pkl", OBJECT);
            add(zip, "code/__torch__.py", source());
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
}
