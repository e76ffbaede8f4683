using System.Runtime.CompilerServices;
using TorchSharp;
using static TorchSharp.torch;

// The one file of src that may make the engine's scalars, because it holds them.
#pragma warning disable RS0030

namespace Refilled;

/// <summary>Arithmetic of tensors and numbers, each number held until the engine has read it.</summary>
/// <remarks>The engine's C# face makes a native scalar for each number, even for the 1 of a plain sum, and lets the collector free it as
/// soon as its address was taken. The members that do so are in BannedSymbols.txt. A difference, a product and a quotient of tensors take
/// no number.</remarks>
internal static class Numbers
{
    /// <summary>x + y.</summary>
    public static Tensor Plus(this Tensor x, Tensor y) => Held(1, one => x.add(y, alpha: one));

    /// <summary>x + n·y, rounded once.</summary>
    public static Tensor Plus(this Tensor x, Tensor y, double n) => Held(n, number => x.add(y, alpha: number));

    /// <summary>x + n.</summary>
    public static Tensor Plus(this Tensor x, double n)
    {
        using Scalar number = n, one = 1;
        return x.add(number, alpha: one);
    }

    /// <summary>x becomes x + n·y, rounded once.</summary>
    /// <returns>x.</returns>
    public static Tensor Increase(this Tensor x, Tensor y, double n = 1) => Held(n, number => x.add_(y, alpha: number));

    /// <summary>x, of whole numbers, becomes x + n.</summary>
    /// <returns>x.</returns>
    public static Tensor Increase(this Tensor x, long n)
    {
        using Scalar number = n, one = 1;
        return x.add_(number, alpha: one);
    }

    /// <summary>n - x.</summary>
    public static Tensor From(this Tensor x, double n)
    {
        using var negative = x.negative();
        return negative.Plus(n);
    }

    /// <summary>x·n.</summary>
    public static Tensor Times(this Tensor x, double n) => Held(n, x.mul);

    /// <summary>x / n.</summary>
    public static Tensor Over(this Tensor x, double n) => Held(n, number => x.div(number));

    /// <summary>x becomes x / n.</summary>
    /// <returns>x.</returns>
    public static Tensor Divide(this Tensor x, double n) => Held(n, number => x.div_(number));

    /// <summary>x mod n, of whole numbers.</summary>
    public static Tensor Modulo(this Tensor x, long n) => Held(n, x.remainder);

    /// <summary>x², whose engine call is a power of a number.</summary>
    public static Tensor Squared(this Tensor x) => x.mul(x);

    /// <summary>xⁿ.</summary>
    public static Tensor ToThe(this Tensor x, double n) => Held(n, x.pow);

    /// <summary>ln(1 + eˣ); beyond 20, as is usual, x.</summary>
    public static Tensor SoftPlus(this Tensor x)
    {
        using Scalar steepness = 1, threshold = 20;
        return SoftPlusOf(x, steepness, threshold);
    }

    // What the engine's public softplus calls with scalars of its own making; no public form takes ours.
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "softplus1")]
    private static extern Tensor SoftPlusOf(Tensor x, Scalar steepness, Scalar threshold);

    /// <summary>x where it is positive, elsewhere n·x.</summary>
    public static Tensor LeakyReLU(this Tensor x, double n) => Held(n, x.leaky_relu);

    /// <summary>max(x, n).</summary>
    public static Tensor AtLeast(this Tensor x, double n) => Held(n, x.clamp_min);

    /// <summary>min(x, n).</summary>
    public static Tensor AtMostOf(this Tensor x, double n) => Held(n, x.clamp_max);

    /// <summary>x > n, bool.</summary>
    public static Tensor Above(this Tensor x, double n) => Held(n, x.gt);

    /// <summary>x ≤ n, bool.</summary>
    public static Tensor AtMost(this Tensor x, double n) => Held(n, x.le);

    /// <summary>x &lt; n of whole numbers, bool.</summary>
    public static Tensor Below(this Tensor x, long n) => Held(n, x.lt);

    /// <summary>x = n of whole numbers, bool.</summary>
    public static Tensor Is(this Tensor x, long n) => Held(n, x.eq);

    /// <summary>x ≠ n, bool.</summary>
    public static Tensor IsNot(this Tensor x, double n) => Held(n, x.ne);

    /// <summary>x, with n where a mask says so.</summary>
    public static Tensor Filled(this Tensor x, Tensor mask, double n) => Held(n, number => x.masked_fill(mask, number));

    /// <summary>x, of whole numbers, with n where a mask says so.</summary>
    public static Tensor Filled(this Tensor x, Tensor mask, long n) => Held(n, number => x.masked_fill(mask, number));

    /// <summary>n in each place.</summary>
    public static Tensor Full(ReadOnlySpan<long> shape, double n, ScalarType type, Device device)
    {
        using Scalar number = n;
        return full(shape, number, type, device);
    }

    /// <summary>n, as a scalar int64.</summary>
    public static Tensor Whole(long n, Device device) => Held(n, number => full([], number, ScalarType.Int64, device));

    /// <summary>The whole numbers from one to below another, int64 <c>[to - from]</c>.</summary>
    public static Tensor Range(long from, long to, Device? device = null)
    {
        using Scalar first = from, end = to;
        return arange(first, end, ScalarType.Int64, device);
    }

    /// <summary>The number in a tensor of one.</summary>
    public static double Number(this Tensor x)
    {
        using var number = x.ToScalar();
        return number.ToDouble();
    }

    /// <summary>The whole number in a tensor of one.</summary>
    public static long WholeNumber(this Tensor x)
    {
        using var number = x.ToScalar();
        return number.ToInt64();
    }

    /// <summary>Calls a compiled function with tensors and lists of tensors, which take no number.</summary>
    /// <param name="unit">What the engine's script compiler made.</param>
    /// <param name="function">The function's name.</param>
    /// <param name="arguments">Tensors and arrays of tensors alone.</param>
    public static void Call(this jit.CompilationUnit unit, string function, params object[] arguments)
    {
        if (!arguments.All(one => one is Tensor or Tensor[]))
            throw new ArgumentException("Only tensors are held until the engine has read them.", nameof(arguments));
        unit.invoke(function, arguments);
        GC.KeepAlive(arguments);
    }

    /// <summary>What a program of the engine's script compiler answers to a tensor, which takes no number.</summary>
    /// <param name="module">The program.</param>
    /// <param name="x">Its only argument.</param>
    /// <returns>A tensor, a tuple or an array.</returns>
    public static object? Answers(this jit.ScriptModule module, Tensor x)
    {
        var answer = module.forward(x);
        GC.KeepAlive(x);
        return answer;
    }

    /// <summary>The whole numbers of an int64 tensor, each small enough for an int.</summary>
    public static int[] Integers(this Tensor x)
    {
        using var scope = NewDisposeScope();
        return [.. x.cpu().data<long>().Select(number => (int)number)];
    }

    /// <summary>The tensor in fp32, or in fp64 where it is that already.</summary>
    public static Tensor AtLeastFp32(this Tensor x) => x.dtype == ScalarType.Float64 ? x : x.to(ScalarType.Float32);

    // The engine reads the number while the call lasts, and no longer.
    private static Tensor Held(Scalar number, Func<Scalar, Tensor> call)
    {
        using (number) return call(number);
    }
}
