"""Makes the pictures beside it (Pillow). Each shows, upright, 24x16 pixels in four quarters: red, green / blue, white."""
from PIL import Image
import struct, zlib

def quarters(w=24, h=16):
    im = Image.new("RGB", (w, h))
    for y in range(h):
        for x in range(w):
            im.putpixel((x, y), [[(255, 0, 0), (0, 255, 0)], [(0, 0, 255), (255, 255, 255)]][y >= h // 2][x >= w // 2])
    return im

up = quarters()
# Stored so that the camera's orientation tag puts it upright: the inverse of each tag's turn.
back = {1: [], 2: [Image.FLIP_LEFT_RIGHT], 3: [Image.ROTATE_180], 4: [Image.FLIP_TOP_BOTTOM], 5: [Image.TRANSPOSE],
        6: [Image.ROTATE_90], 7: [Image.TRANSVERSE], 8: [Image.ROTATE_270]}
for tag, turns in back.items():
    im = up
    for turn in turns: im = im.transpose(turn)
    exif = Image.Exif(); exif[0x0112] = tag
    im.save(f"oriented-{tag}.jpg", quality=95, subsampling=0, exif=exif)
up.convert("L").save("grey.jpg", quality=95)
up.convert("CMYK").save("cmyk.jpg", quality=95)
up.save("plain.png"); up.save("plain.bmp"); up.save("plain.webp", lossless=True); up.convert("P", palette=Image.ADAPTIVE).save("palette.png")
up.save("animated.gif", save_all=True, append_images=[Image.new("RGB", (24, 16), (9, 9, 9))], duration=100)
clear = up.convert("RGBA")
for y in range(8):
    for x in range(12): clear.putpixel((x, y), (255, 0, 0, 0))
for y in range(8):
    for x in range(12, 24): clear.putpixel((x, y), (0, 255, 0, 128))
clear.save("alpha.png")
Image.new("I;16", (24, 16), 40000).save("grey16.png")

def chunk(kind, data): return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
open("absurd.png", "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 100000, 100000, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b""))
