using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Refilled.Files;

/// <summary>Reads Python pickles that hold plain data: dictionaries, lists, tuples, strings, bytes, numbers, and what some words
/// make.</summary>
/// <remarks>A pickle is a program that may call anything; here nothing is ever looked up or called, and the few names that arrays are
/// written with are words of a <see cref="PickleWords"/>. Protocols 1 to 5, as CPython's pickletools describes them. Containers keep
/// their identity and are never walked, so that references to themselves or nests of references cost nothing. Python 2's strings are
/// bytes.</remarks>
internal sealed class PickleReader
{
    private readonly ReadOnlyMemory<byte> data;
    private readonly string where;
    private readonly PickleWords words;
    private readonly List<object?> stack = [];
    private readonly Dictionary<long, object?> memo = [];
    private int at;

    private PickleReader(ReadOnlyMemory<byte> data, string where, PickleWords words) =>
        (this.data, this.where, this.words) = (data, where, words);

    /// <summary>Reads a pickle.</summary>
    /// <param name="data">The whole file.</param>
    /// <param name="where">The file's name, for messages.</param>
    /// <returns>null, <see cref="bool"/>, <see cref="long"/>, <see cref="BigInteger"/>, <see cref="double"/>, <see cref="string"/>,
    /// bytes as <see cref="ReadOnlyMemory{T}"/> (a part of <paramref name="data"/>), tuples as <c>object?[]</c>, lists as
    /// <c>List&lt;object?&gt;</c>, dictionaries with text keys (numbers as
    /// texts), or a <see cref="PickledArray"/>.</returns>
    /// <exception cref="InputException">It is damaged, or holds anything else.</exception>
    public static object? Read(ReadOnlyMemory<byte> data, string where) => Read(data, where, new NumpyWords(), out _);

    /// <summary>Reads a pickle that may speak of more, and may be followed by other bytes.</summary>
    /// <param name="data">The file from the pickle's first byte on.</param>
    /// <param name="where">The file's name, for messages.</param>
    /// <param name="words">What it may speak of; what they make is among the values.</param>
    /// <param name="length">The bytes that the pickle takes.</param>
    /// <returns>The same as for plain data.</returns>
    /// <exception cref="InputException">It is damaged, or holds anything else.</exception>
    public static object? Read(ReadOnlyMemory<byte> data, string where, PickleWords words, out int length)
    {
        var reader = new PickleReader(data, where, words);
        try
        {
            var read = reader.Run();
            length = reader.at;
            return read;
        }
        catch (FormatException e)
        {
            throw reader.Bad(e.Message);
        }
    }

    private object? Run()
    {
        while (true)
        {
            var place = at;
            switch ((char)Take(1)[0])
            {
                case '\u0080': if (Take(1)[0] > 5) throw Bad($"its protocol is newer than 5"); break;
                case '\u0095': Take(8); break; // a frame's length: only a hint for reading ahead
                case '.': return Pop();
                case '(': stack.Add(Mark.Instance); break;
                case '0': Pop(); break;
                case '1': PopToMark(); break;
                case '2': stack.Add(Peek()); break;
                case 'N': stack.Add(null); break;
                case '\u0088': stack.Add(true); break;
                case '\u0089': stack.Add(false); break;
                case 'K': stack.Add((long)Take(1)[0]); break;
                case 'M': stack.Add((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2))); break;
                case 'J': stack.Add((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4))); break;
                case '\u008a': Push(new BigInteger(Take(Take(1)[0]))); break;
                case 'I': stack.Add(Number(Line())); break;
                case 'L': Push(BigInteger.TryParse(Line().TrimEnd('L'), out var big) ? big : throw Bad("a number can't be read")); break;
                case 'G': stack.Add(BinaryPrimitives.ReadDoubleBigEndian(Take(8))); break;
                case 'U' or 'C': stack.Add(Bytes(Take(1)[0])); break;
                case 'T': stack.Add(Bytes(BinaryPrimitives.ReadInt32LittleEndian(Take(4)))); break;
                case 'B': stack.Add(Bytes(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))); break;
                case '\u008e' or '\u0096': stack.Add(Bytes(Length8())); break;
                case '\u008c': stack.Add(Text(Take(1)[0])); break;
                case 'X': stack.Add(Text(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))); break;
                case '\u008d': stack.Add(Text(Length8())); break;
                case ')': stack.Add(Array.Empty<object?>()); break;
                case 't': stack.Add(PopToMark()); break;
                case '\u0085': stack.Add(new[] { Pop() }); break;
                case '\u0086': { var b = Pop(); stack.Add(new[] { Pop(), b }); break; }
                case '\u0087': { var (c, b) = (Pop(), Pop()); stack.Add(new[] { Pop(), b, c }); break; }
                case ']': stack.Add(new List<object?>()); break;
                case 'l': stack.Add(PopToMark().ToList()); break;
                case 'a': { var item = Pop(); Peek<List<object?>>().Add(item); break; }
                case 'e': { var items = PopToMark(); Peek<List<object?>>().AddRange(items); break; }
                case '}': stack.Add(new Dictionary<string, object?>()); break;
                case 'd': { var items = PopToMark(); stack.Add(new Dictionary<string, object?>()); SetItems(items); break; }
                case 's': { var value = Pop(); SetItems([Pop(), value]); break; }
                case 'u': SetItems(PopToMark()); break;
                case 'q': memo[Take(1)[0]] = Peek(); break;
                case 'r': memo[BinaryPrimitives.ReadUInt32LittleEndian(Take(4))] = Peek(); break;
                case '\u0094': memo[memo.Count] = Peek(); break;
                case 'h': stack.Add(Remembered(Take(1)[0])); break;
                case 'j': stack.Add(Remembered(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))); break;
                case 'c': stack.Add(Named(Line(), Line())); break;
                case '\u0093': { var name = Pop() as string; stack.Add(Named(Pop() as string ?? "", name ?? "")); break; }
                case '\u0081': { Pop(); stack.Add(words.Created(Pop()) ?? throw Other(place)); break; }
                case 'Q': { var id = Pop(); stack.Add(words.Stored(id) ?? throw Other(place)); break; }
                case 'R':
                {
                    var arguments = Pop() as object?[] ?? throw Bad("a call has no arguments");
                    stack.Add(Make(Pop(), arguments));
                    break;
                }
                case 'b':
                {
                    var state = Pop();
                    if (Peek() is not { } target || !words.Described(target, state)) throw Bad($"it describes something at byte {place}");
                    break;
                }
                default: throw Other(place);
            }
        }
    }

    private object Named(string module, string name) => words.Named(module, name)
        ?? throw Bad($"it asks for '{module}.{name}' at byte {at}; only {words.Subject} is read, for safety{words.WayOut(module, name)}");

    private object Make(object? callee, object?[] arguments) => words.Called(callee, arguments)
        ?? throw Bad($"it calls something at byte {at}; only {words.Subject} is read, for safety");

    private InputException Other(int place) => Bad(
        $"the instruction 0x{data.Span[place]:x2} at byte {place} isn't {words.Subject}, and nothing else is read, for safety");

    private void SetItems(object?[] items)
    {
        var target = Peek<Dictionary<string, object?>>();
        if (items.Length % 2 != 0) throw Bad("a key lacks its value");
        for (var i = 0; i < items.Length; i += 2)
        {
            var key = items[i] switch
            {
                string text => text,
                ReadOnlyMemory<byte> bytes => Encoding.Latin1.GetString(bytes.Span),
                long number => number.ToString(CultureInfo.InvariantCulture),
                _ => throw Bad("a key is no text"),
            };
            if (!target.TryAdd(key, items[i + 1])) throw Bad($"the key '{key}' stands twice");
        }
    }

    private ReadOnlySpan<byte> Take(long count) => Bytes(count).Span;

    private ReadOnlyMemory<byte> Bytes(long count)
    {
        if (count < 0 || count > data.Length - at) throw Bad("it is truncated");
        at += (int)count;
        return data.Slice(at - (int)count, (int)count);
    }

    private long Length8() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    private string Text(long length) => Encoding.UTF8.GetString(Take(length));

    private string Line()
    {
        var length = data.Span[at..].IndexOf((byte)'\n');
        if (length is < 0 or > 4096) throw Bad("it is truncated");
        var text = Encoding.Latin1.GetString(Take(length + 1)[..^1]);
        return text;
    }

    private object Number(string line) => line switch
    {
        "00" => false,
        "01" => true,
        _ => long.TryParse(line, out var number) ? number : throw Bad($"'{line}' is no number"),
    };

    private void Push(BigInteger number)
    {
        if (number >= long.MinValue && number <= long.MaxValue) stack.Add((long)number);
        else stack.Add(number);
    }

    private object? Remembered(long key) => memo.TryGetValue(key, out var value) ? value : throw Bad("it refers to what it never stored");

    private object? Peek() => stack.Count > 0 && stack[^1] is not Mark ? stack[^1] : throw Bad("it takes what isn't there");

    private T Peek<T>() => Peek() is T value ? value : throw Bad($"it adds to something else than a list or dictionary at byte {at}");

    private object? Pop()
    {
        var value = Peek();
        stack.RemoveAt(stack.Count - 1);
        return value;
    }

    private object?[] PopToMark()
    {
        var mark = stack.LastIndexOf(Mark.Instance);
        if (mark < 0) throw Bad("it takes what isn't there");
        var items = stack.GetRange(mark + 1, stack.Count - mark - 1).ToArray();
        stack.RemoveRange(mark, stack.Count - mark);
        return items;
    }

    private InputException Bad(string why) => new($"{where} can't be read as a pickle of {words.Subject}: {why}.");

    private sealed class Mark
    {
        public static Mark Instance { get; } = new();
    }
}
