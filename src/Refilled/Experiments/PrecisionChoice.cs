namespace Refilled.Experiments;

/// <summary>The number format of convolutions, as a recipe asks for it.</summary>
public enum PrecisionChoice
{
    /// <summary>bf16 where the processor or GPU computes it natively, fp32 elsewhere.</summary>
    Auto,

    /// <summary>32-bit floating point.</summary>
    Fp32,

    /// <summary>bfloat16 convolutions, everything else in fp32.</summary>
    Bf16,
}
