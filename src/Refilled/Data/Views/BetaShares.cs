namespace Refilled.Data.Views;

/// <summary>Shares from 0 to 1 in steps of 1/256, distributed as Beta(α, α).</summary>
/// <remarks><para>A uniform number picks the step by the distribution function at the 256 bounds between two steps, made once. Samplers of
/// Beta take logarithms and powers from a library, which differ between machines, and views must not; here are only +, −, ×, ÷ and √. In
/// whole steps, mixed bytes need no other arithmetic than integers, and a step is finer than what a byte can show.</para>
/// <para>Up to a factor the function at x ≤ ½ is <c>x^α Σ_n c_n xⁿ / (α + n)</c>, with c_0 = 1 and c_n = c_{n-1}·(n - α) / n (Abramowitz
/// and Stegun, 6.6.8 and 15.1.1); above ½ it is mirrored.</para></remarks>
internal sealed class BetaShares
{
    /// <summary>Steps from 0 to 1.</summary>
    public const int Steps = 256;

    /// <summary>Largest α: beyond, the terms outweigh their sum too far.</summary>
    public const double MostAlpha = 10;

    // Terms halve at least, so that 64 of them leave less than a double's last bit.
    private const int Terms = 64;

    private readonly double[] below = new double[Steps];

    /// <param name="alpha">α, above 0 and at most <see cref="MostAlpha"/>.</param>
    public BetaShares(double alpha)
    {
        if (!(alpha > 0 && alpha <= MostAlpha)) throw new ArgumentOutOfRangeException(nameof(alpha), alpha, $"From 0 to {MostAlpha}.");
        var whole = 2 * Part(0.5, alpha);
        for (var step = 0; step < Steps / 2; step++)
        {
            below[step] = Part((2 * step + 1) / (2.0 * Steps), alpha) / whole;
            below[Steps - 1 - step] = 1 - below[step];
        }
    }

    /// <summary>The share, in steps of 1/256, at a uniform number in [0, 1).</summary>
    public int At(double uniform)
    {
        var place = Array.BinarySearch(below, uniform);
        return place < 0 ? ~place : place + 1;
    }

    /// <summary>The probability of a share of at most so many steps.</summary>
    internal double UpTo(int steps) => steps < Steps ? below[steps] : 1;

    private static double Part(double x, double alpha)
    {
        var (sum, term) = (1 / alpha, 1.0);
        for (var n = 1; n <= Terms; n++)
        {
            term *= (n - alpha) / n * x;
            sum += term / (alpha + n);
        }
        return Power(x, alpha) * sum;
    }

    /// <summary>x to a power, by products, and by square roots for the power's binary digits.</summary>
    /// <remarks>Both are rounded alike everywhere.</remarks>
    private static double Power(double x, double power)
    {
        var result = 1.0;
        for (; power >= 1; power--) result *= x;
        for (var digit = 0; digit < 52; digit++)
        {
            x = Math.Sqrt(x);
            power *= 2;
            if (power < 1) continue;
            result *= x;
            power--;
        }
        return result;
    }
}
