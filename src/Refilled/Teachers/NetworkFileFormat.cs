using System.Security.Cryptography;
using Refilled.Weights;
using TorchSharp;

namespace Refilled.Teachers;

/// <summary>Our own network files. It takes every place, so that it is asked last and tells what is missing.</summary>
internal sealed class NetworkFileFormat : ITeacherFormat
{
    public bool Opens(NetworkPlace place) => true;

    public void Check(NetworkPlace place) => NetworkFile.Check(place.File);

    public Teacher Open(NetworkPlace place, TeacherOptions options)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var trained = NetworkFile.Load(place.File, options.Precision, options.Layout, hash);
        place.Hash = Convert.ToHexStringLower(hash.GetHashAndReset());
        trained.Network.to(options.Device);
        return new Teacher(place, trained);
    }
}
