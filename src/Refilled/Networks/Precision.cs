namespace Refilled.Networks;

/// <summary>The number format of convolutions. Weights, batch-norm statistics, losses and the optimizer stay in fp32.</summary>
public enum Precision
{
    /// <summary>32-bit floating point throughout.</summary>
    Fp32,

    /// <summary>Convolutions in bfloat16; worth it only with AVX512-BF16, AMX or a GPU.</summary>
    Bf16,
}
