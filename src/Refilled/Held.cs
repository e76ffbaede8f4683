using TorchSharp;
using static TorchSharp.torch;

namespace Refilled;

/// <summary>Arithmetic of tensors with numbers that are held until the engine has read them. Its C# face makes a native scalar for each
/// number, even for the 1 of a plain sum, and lets the collector free it as soon as its address was taken; while other threads keep
/// the collector at work, as many few-shot tasks do, that is too early now and then. For what is done in short steps, many times.
/// A difference of tensors, a product and a quotient take no number.</summary>
internal static class Held
{
    /// <summary>x + y.</summary>
    public static Tensor Plus(this Tensor x, Tensor y)
    {
        using Scalar one = 1;
        return x.add(y, alpha: one);
    }

    /// <summary>x becomes x + y.</summary>
    public static void Increase(this Tensor x, Tensor y)
    {
        using Scalar one = 1;
        x.add_(y, alpha: one);
    }

    /// <summary>x + n.</summary>
    public static Tensor Plus(this Tensor x, double n)
    {
        using Scalar number = n, one = 1;
        return x.add(number, alpha: one);
    }

    /// <summary>x·n.</summary>
    public static Tensor Times(this Tensor x, double n)
    {
        using Scalar number = n;
        return x.mul(number);
    }

    /// <summary>x / n.</summary>
    public static Tensor Over(this Tensor x, double n)
    {
        using Scalar number = n;
        return x.div(number);
    }

    /// <summary>x², whose engine call is a power of a number.</summary>
    public static Tensor Squared(this Tensor x) => x.mul(x);

    /// <summary>max(x, n).</summary>
    public static Tensor AtLeast(this Tensor x, double n)
    {
        using Scalar number = n;
        return x.clamp_min(number);
    }

    /// <summary>x > n, bool.</summary>
    public static Tensor Above(this Tensor x, double n)
    {
        using Scalar number = n;
        return x.gt(number);
    }

    /// <summary>x, with n where a mask says so.</summary>
    public static Tensor Filled(this Tensor x, Tensor mask, double n)
    {
        using Scalar number = n;
        return x.masked_fill(mask, number);
    }
}
