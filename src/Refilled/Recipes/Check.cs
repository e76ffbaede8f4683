using System.Numerics;

namespace Refilled.Recipes;

/// <summary>What parts of recipes say of values that can't be: the option and a message, or nothing.</summary>
/// <remarks>What isn't given is never wrong. NaN always is.</remarks>
internal static class Check
{
    /// <summary>That something can be made of a text.</summary>
    /// <param name="option">The value's path, in kebab-case.</param>
    /// <param name="text">The text; null where there is none.</param>
    /// <param name="parse">Makes it; an <see cref="InputException"/> says what is wrong.</param>
    public static IEnumerable<(string Path, string Message)> Parses(string option, string? text, Action<string> parse)
    {
        try
        {
            if (text is not null) parse(text);
            return [];
        }
        catch (InputException e)
        {
            return [(option, e.Message)];
        }
    }

    /// <summary>From a least to a most value, both included.</summary>
    /// <param name="option">The value's path, in kebab-case.</param>
    /// <param name="value">The value; null where there is none.</param>
    /// <param name="low">The least.</param>
    /// <param name="high">The most.</param>
    /// <param name="lowMeans">What the least value stands for, where it isn't just a number.</param>
    public static IEnumerable<(string Path, string Message)> Range<T>(string option, T? value, T low, T high, string? lowMeans = null)
        where T : struct, INumber<T> =>
        Problem(value is null || (value >= low && value <= high), option,
            $"must be from {low}{(lowMeans is null ? "" : $" ({lowMeans})")} to {high}, not {value}");

    /// <summary>At least some value.</summary>
    public static IEnumerable<(string Path, string Message)> AtLeast<T>(string option, T? value, T least) where T : struct, INumber<T> =>
        Problem(value is null || value >= least, option, $"must be at least {least}, not {value}");

    /// <summary>Above 0, and finite.</summary>
    public static IEnumerable<(string Path, string Message)> Positive(string option, double? value) =>
        Problem(value is null || (value > 0 && double.IsFinite(value.Value)), option, $"must be positive, not {value}");

    /// <summary>0 or above, and finite.</summary>
    public static IEnumerable<(string Path, string Message)> NotNegative(string option, double? value) =>
        Problem(value is null || (value >= 0 && double.IsFinite(value.Value)), option,
            $"must be a finite number of at least 0, not {value}");

    /// <summary>From 0 to less than 1.</summary>
    public static IEnumerable<(string Path, string Message)> BelowOne(string option, double? value) =>
        Problem(value is null or (>= 0 and < 1), option, $"must be from 0 to less than 1, not {value}");

    /// <summary>What a part says of itself.</summary>
    public static IEnumerable<(string Path, string Message)> Part(string key, IEnumerable<(string Path, string Message)> problems) =>
        problems.Select(problem => ($"{key}.{problem.Path}", problem.Message));

    /// <summary>Anything else.</summary>
    public static IEnumerable<(string Path, string Message)> Problem(bool right, string option, string message) =>
        right ? [] : [(option, message)];
}

/// <summary>A part of a recipe that can say what is wrong with its values, beyond their types.</summary>
public interface IValidated
{
    /// <summary>All that is wrong: the path of the value and a message.</summary>
    /// <remarks>The path is relative to this part and in kebab-case. Also asked where required values are missing: those are null
    /// then.</remarks>
    IEnumerable<(string Path, string Message)> Validate();
}
