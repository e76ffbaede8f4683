using System.Text;
using Refilled.Files;
using Refilled.Networks;
using Refilled.Teachers;
using Refilled.Tests.Support;
using static TorchSharp.torch;

namespace Refilled.Tests.Files;

/// <summary>A wrong file says what it is.</summary>
public sealed class FileKindTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("", FileKind.Empty, "it is empty")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", FileKind.LfsPointer, "git lfs pull")]
    [InlineData("<!DOCTYPE html>\n<html><head>", FileKind.Html, "a web page: the address led to a page about the file")]
    [InlineData("\n  <html lang=en>", FileKind.Html, "a web page")]
    [InlineData("hello", FileKind.Text, "it is a text")]
    [InlineData("\u0008\u0007\u0012\u0007pytorch\u001a\u00051.13", FileKind.Onnx, "which the command and the package Refilled.Onnx open")]
    [InlineData("\u0008\u0008:\u0010graph", FileKind.Onnx, "an ONNX graph")]
    [InlineData("\u0089PNG\r\n\u001a\n", FileKind.Image, "it is an image")]
    [InlineData("\u00ff\u00d8\u00ff\u00e0\0\u0010JFIF", FileKind.Image, "it is an image")]
    [InlineData("RIFF\u0010\0\0\0WEBPVP8 ", FileKind.Image, "it is an image")]
    [InlineData("\u0089HDF\r\n\u001a\n", FileKind.Hdf5, "as Keras writes: export the network to ONNX")]
    [InlineData("\u001f\u008b\u0008\0", FileKind.Packed, "a packed file")]
    [InlineData("\u0080\u0004\u0095\u0001", FileKind.Pickle, "a Python pickle that torch.save didn't write")]
    [InlineData("PK\u0003\u0004\u0014\0\0", FileKind.BrokenZip, "a zip archive whose end is missing")]
    [InlineData("\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u0009", FileKind.Unknown, "nor does it begin as another file")]
    [InlineData("\u0010\0\0\0\0\0\0\0{\"x\":", FileKind.Safetensors, "its header claims 16 bytes, and the file has 13")]
    public void It_is_known_by_its_first_bytes(string content, object kind, string message)
    {
        File.WriteAllBytes(folder["teacher.pth"], Encoding.Latin1.GetBytes(content));
        Assert.Equal(kind, FileKinds.Of(folder["teacher.pth"]));
        var refused = Assert.Throws<InputException>(
            () => Teacher.Open(new(folder["teacher.pth"]), new TeacherOptions(CPU, Precision.Fp32)));
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        Assert.Contains(message, Assert.Throws<InputException>(() => Teacher.Find(folder["teacher.pth"])).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("wrn-10-1.pth", FileKind.TorchZip)]
    [InlineData("wrn-10-1.legacy.pth", FileKind.TorchPickles)]
    [InlineData("wrn-10-1.safetensors", FileKind.Safetensors)]
    [InlineData("mobilenet_v2-0.35.onnx", FileKind.Onnx)]
    [InlineData("mobilenet_v2-0.35.torchscript.pt", FileKind.TorchScript)]
    public void So_are_real_files(string name, object kind) =>
        Assert.Equal(kind, FileKinds.Of(Repository.Shared("fixtures", "pytorch", name)));

    [Fact]
    public void Another_zip_is_one()
    {
        File.WriteAllBytes(folder["a.pth"], TorchFiles.Zip([new("photos/1.png", new byte[3])]));
        Assert.Equal(FileKind.Zip, FileKinds.Of(folder["a.pth"]));
        Assert.Contains("a zip archive, but not of PyTorch's", Assert.Throws<InputException>(() => Teacher.Find(folder["a.pth"])).Message,
            StringComparison.Ordinal);
        Assert.Equal(FileKind.Unknown, FileKinds.Of(folder["nowhere"]));
    }

    // The standard's own example.
    [Fact]
    public void The_checksum_is_that_of_zip_archives()
    {
        var sum = new Crc32();
        sum.Add("1234"u8);
        sum.Add("56789"u8);
        Assert.Equal(0xCBF43926u, sum.Value);
    }
}
