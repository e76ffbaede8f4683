namespace Refilled.Files;

/// <summary>Says what a disk refuses in words of our own.</summary>
internal static class Disk
{
    /// <summary>Does something with files.</summary>
    /// <param name="work">What.</param>
    /// <param name="said">What is thrown where the disk or the system refuses.</param>
    public static T Try<T>(Func<T> work, Func<Exception, Exception> said)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (Refuses(e))
        {
            throw said(e);
        }
    }

    /// <inheritdoc cref="Try{T}(Func{T}, Func{Exception, Exception})"/>
    public static void Try(Action work, Func<Exception, Exception> said) => Try(() => { work(); return true; }, said);

    /// <inheritdoc cref="Try{T}(Func{T}, Func{Exception, Exception})"/>
    public static async Task<T> TryAsync<T>(Func<Task<T>> work, Func<Exception, Exception> said)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception e) when (Refuses(e))
        {
            throw said(e);
        }
    }

    /// <summary>Whether the disk or the system refused.</summary>
    public static bool Refuses(Exception e) => e is IOException or UnauthorizedAccessException;
}
