using System.CommandLine;
using Refilled.Cli.Progress;
using Refilled.Data;
using Refilled.Data.Fetch;

namespace Refilled.Cli.Commands;

/// <summary><c>refilled data fetch</c>: downloads a data set's official archive.</summary>
internal static class DataFetchCommand
{
    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string>("name") { Description = $"Which: {string.Join(", ", OfficialArchives.Names)}." };
        var to = Options.Text("--to", "folder", "The folder for it (data).", "data");
        var from = Options.Text("--from", "url", "Another address of the same archive; its checksum is compared all the same.");
        var unpack = Options.Flag("--unpack", "Unpack it as well; nothing here needs that.");
        var json = Options.Json("where it is");
        var command = new Command("fetch", "Download a data set's official archive; a broken download goes on where it stopped.")
            { name, to, from, unpack, json };
        command.SetAction(async (parsed, cancel) =>
        {
            var archive = OfficialArchives.Find(parsed.GetValue(name)!);
            if (parsed.GetValue(from) is { } mirror) archive = archive with { Address = Address(mirror) };
            await RunAsync(terminal, archive, parsed.GetValue(to)!, parsed.GetValue(unpack), parsed.GetValue(json), cancel);
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Brings the archive, unpacks it if asked to, and says where it is.</summary>
    public static async Task RunAsync(Terminal terminal, OfficialArchive archive, string folder, bool unpack, bool asJson,
        CancellationToken cancel)
    {
        var fetched = await FetchAsync(terminal, archive, folder, cancel);
        if (fetched.WasThere)
            terminal.Error.WriteLine($"{fetched.Path} is there already and has the official checksum; nothing was downloaded.");
        IReadOnlyList<string> unpacked = [];
        if (unpack)
        {
            terminal.Error.WriteLine($"Unpacking {fetched.Path}");
            unpacked = Unpack.Run(fetched.Path, folder, cancel);
        }
        Print(terminal, archive, fetched, unpacked, asJson);
    }

    private static Uri Address(string mirror) =>
        Uri.TryCreate(mirror, UriKind.Absolute, out var address)
            ? address : throw new InputException($"--from: '{mirror}' is no address; it begins with http:// or https://.");

    private static async Task<FetchedArchive> FetchAsync(Terminal terminal, OfficialArchive archive, string folder,
        CancellationToken cancel)
    {
        using var download = new Download();
        try
        {
            return await ProgressView.For(terminal)
                .RunAsync(Progresses.Download(archive.FileName), progress => download.RunAsync(archive, folder, progress, cancel));
        }
        catch (OperationCanceledException)
        {
            terminal.Error.WriteLine("Stopped; what has come is kept, and the same command goes on from there.");
            throw;
        }
    }

    private static void Print(Terminal terminal, OfficialArchive archive, FetchedArchive fetched, IReadOnlyList<string> unpacked,
        bool asJson)
    {
        // A kind that this version can't read yet has no specification.
        var spec = DataCatalog.Kinds.Contains(archive.Name) ? $"{archive.Name}:{fetched.Path}" : null;
        if (asJson)
        {
            terminal.WriteJson(new { archive.Name, File = fetched.Path, fetched.Bytes, archive.Md5, Spec = spec, Unpacked = unpacked });
            return;
        }
        terminal.Print($"{fetched.Path}: {fetched.Bytes} bytes, MD5 {archive.Md5} as published");
        foreach (var path in unpacked) terminal.Print($"unpacked: {path}");
        if (spec is not null) terminal.Print($"use it with: --data {spec}");
    }
}
