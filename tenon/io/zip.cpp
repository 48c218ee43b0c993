#include <tenon/io/zip.h>

#include <zlib.h>

#include <algorithm>
#include <cstring>

#include <tenon/core/error.h>
#include <tenon/io/file.h>

namespace tenon::inline v0::io {

namespace {

constexpr uint32_t kLocal = 0x04034b50, kCentral = 0x02014b50, kEnd = 0x06054b50, kEnd64 = 0x06064b50,
                   kLocator64 = 0x07064b50;
constexpr uint16_t kStored = 0, kDeflated = 8, kZip64Extra = 1;
constexpr uint16_t kUtf8Name = 1 << 11, kEncrypted = 1;
constexpr uint64_t kEndBytes = 22, kLocalBytes = 30, kCentralBytes = 46, kLocator64Bytes = 20, kEnd64Bytes = 56;
// Deflate packs at most 1032 to 1: more than that is a trap, not to be allocated.
constexpr uint64_t kMostPacked = 1032;

class Directory {
 public:
  Directory(const std::string& file, std::span<const std::byte> archive) : file_(file), bytes_(archive) {}

  std::vector<ZipEntry> read() {
    find_end();
    std::vector<ZipEntry> entries;
    for (uint64_t i = 0; i < count_; ++i) entries.push_back(entry());
    if (at_ != end_) error("the directory of the zip archive has more entries than it says");
    check_apart(entries);
    return entries;
  }

 private:
  template <class... Parts>
  [[noreturn]] void error(const Parts&... parts) const {
    fail<FileError>(file_, ": ", parts...);
  }
  template <class T>
  T number(uint64_t at) const {
    T value;
    if (at > bytes_.size() || sizeof value > bytes_.size() - at) error("the zip archive is damaged or cut off");
    std::memcpy(&value, bytes_.data() + at, sizeof value);
    return value;
  }

  // The end of the directory comes last but for a comment of up to 64 KiB.
  void find_end() {
    if (bytes_.size() < kEndBytes) error("not a zip archive");
    const uint64_t last = bytes_.size() - kEndBytes;
    const uint64_t first = last > 0xffff ? last - 0xffff : 0;
    uint64_t at = last;
    while (number<uint32_t>(at) != kEnd || at + kEndBytes + number<uint16_t>(at + 20) != bytes_.size()) {
      if (at-- == first) error(number<uint32_t>(0) == kLocal ? "the zip archive is cut off" : "not a zip archive");
    }
    count_ = number<uint16_t>(at + 10);
    end_ = at;
    uint64_t size = number<uint32_t>(at + 12);
    at_ = number<uint32_t>(at + 16);
    if (count_ == 0xffff || size == 0xffffffff || at_ == 0xffffffff) {
      if (at < kLocator64Bytes || number<uint32_t>(at - kLocator64Bytes) != kLocator64)
        error("the zip archive is damaged");
      end_ = number<uint64_t>(at - kLocator64Bytes + 8);
      if (number<uint32_t>(end_) != kEnd64) error("the zip archive is damaged");
      count_ = number<uint64_t>(end_ + 32), size = number<uint64_t>(end_ + 40), at_ = number<uint64_t>(end_ + 48);
    }
    if (at_ > end_ || size != end_ - at_ || count_ > size / kCentralBytes)
      error("the directory of the zip archive is damaged");
  }

  ZipEntry entry() {
    if (at_ + kCentralBytes > end_ || number<uint32_t>(at_) != kCentral)
      error("the directory of the zip archive is damaged");
    ZipEntry out;
    const auto flags = number<uint16_t>(at_ + 8), method = number<uint16_t>(at_ + 10);
    out.checksum = number<uint32_t>(at_ + 16);
    out.packed_bytes = number<uint32_t>(at_ + 20), out.bytes = number<uint32_t>(at_ + 24);
    const uint64_t name = number<uint16_t>(at_ + 28), extra = number<uint16_t>(at_ + 30),
                   comment = number<uint16_t>(at_ + 32);
    out.begin = number<uint32_t>(at_ + 42);
    const uint64_t after = at_ + kCentralBytes + name + extra + comment;
    if (after > end_) error("the directory of the zip archive is damaged");
    out.name.assign(reinterpret_cast<const char*>(bytes_.data() + at_ + kCentralBytes), name);
    widen(out, at_ + kCentralBytes + name, extra);
    at_ = after;
    const std::string quoted = text("'", shown(out.name), "'");
    if ((flags & kEncrypted) != 0) error(quoted, " is encrypted");
    if (method != kStored && method != kDeflated)
      error(quoted, " is packed by method ", int{method}, "; stored and deflated entries can be read");
    out.deflated = method == kDeflated;
    locate(out, quoted);
    return out;
  }
  // Numbers that do not fit in 32 bits are in an extra field, in this order.
  void widen(ZipEntry& e, uint64_t at, uint64_t bytes) const {
    const uint64_t end = at + bytes;
    while (at + 4 <= end) {
      const auto id = number<uint16_t>(at), size = number<uint16_t>(at + 2);
      at += 4;
      if (id == kZip64Extra) {
        const uint64_t stop = std::min(at + size, end);
        for (uint64_t* wide : {&e.bytes, &e.packed_bytes, &e.begin}) {
          if (*wide != 0xffffffff) continue;
          if (at + 8 > stop) error("the directory of the zip archive is damaged");
          *wide = number<uint64_t>(at);
          at += 8;
        }
        return;
      }
      at += size;
    }
  }
  // From the entry's own header to its data.
  void locate(ZipEntry& e, const std::string& quoted) const {
    if (number<uint32_t>(e.begin) != kLocal) error(quoted, " is not where the directory says");
    header_begin_.push_back(e.begin);
    e.begin += kLocalBytes + number<uint16_t>(e.begin + 26) + number<uint16_t>(e.begin + 28);
    if (e.begin > bytes_.size() || e.packed_bytes > bytes_.size() - e.begin) error(quoted, " is cut off");
    const bool fits = e.deflated ? e.bytes / kMostPacked <= e.packed_bytes : e.bytes == e.packed_bytes;
    if (!fits) error(quoted, " claims ", e.bytes, " bytes, and ", e.packed_bytes, " are there");
  }
  // Else a small file could hold the same large data many times.
  void check_apart(const std::vector<ZipEntry>& entries) const {
    std::vector<std::pair<uint64_t, uint64_t>> ranges;
    for (size_t i = 0; i < entries.size(); ++i) {
      ranges.emplace_back(header_begin_[i], entries[i].begin + entries[i].packed_bytes);
    }
    std::sort(ranges.begin(), ranges.end());
    for (size_t i = 1; i < ranges.size(); ++i) {
      if (ranges[i].first < ranges[i - 1].second) error("entries of the zip archive overlap");
    }
  }

  const std::string& file_;
  std::span<const std::byte> bytes_;
  uint64_t count_ = 0, at_ = 0, end_ = 0;
  mutable std::vector<uint64_t> header_begin_;
};

template <class T>
void put(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

uint32_t checksum_of(uint32_t before, const void* data, uint64_t bytes) {
  return static_cast<uint32_t>(::crc32_z(before, static_cast<const Bytef*>(data), static_cast<size_t>(bytes)));
}

std::string deflated(const std::vector<std::string_view>& pieces) {
  z_stream stream{};
  // Negative: without zlib's own header.
  check<MemoryError>(
      ::deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK,
      "no memory to compress");
  std::string out, block(1 << 16, '\0');
  const auto run = [&](std::string_view piece, int flush) {
    while (true) {
      const size_t part = std::min<size_t>(piece.size(), 1 << 30);
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
      stream.avail_in = static_cast<uInt>(part);
      const bool last = part == piece.size();
      do {
        stream.next_out = reinterpret_cast<Bytef*>(block.data());
        stream.avail_out = static_cast<uInt>(block.size());
        ::deflate(&stream, last ? flush : Z_NO_FLUSH);
        out.append(block.data(), block.size() - stream.avail_out);
      } while (stream.avail_out == 0);
      if (last) return;
      piece.remove_prefix(part);
    }
  };
  for (std::string_view piece : pieces) run(piece, Z_NO_FLUSH);
  run({}, Z_FINISH);
  ::deflateEnd(&stream);
  return out;
}

}  // namespace

std::vector<ZipEntry> read_zip(const std::string& file, std::span<const std::byte> archive) {
  return Directory(file, archive).read();
}

struct ZipReader::Inflater {
  z_stream stream{};
  ~Inflater() { ::inflateEnd(&stream); }
};

ZipReader::ZipReader(const std::string& file, std::span<const std::byte> archive, const ZipEntry& entry)
    : file_(file),
      entry_(entry),
      next_(archive.data() + entry.begin),
      left_(entry.bytes),
      packed_left_(entry.packed_bytes) {
  if (!entry.deflated) return;
  inflater_ = std::make_unique<Inflater>();
  check<MemoryError>(::inflateInit2(&inflater_->stream, -MAX_WBITS) == Z_OK, file, ": no memory to unpack");
}
ZipReader::~ZipReader() = default;

void ZipReader::damaged(const char* why) const {
  fail<FileError>(file_, ": '", shown(entry_.name), "' is damaged: ", why);
}

void ZipReader::read(void* to, uint64_t bytes) {
  if (bytes > left_) damaged("it is shorter than it should be");
  left_ -= bytes;
  if (!inflater_) {
    if (bytes > 0) std::memcpy(to, next_, static_cast<size_t>(bytes));
    next_ += bytes;
  } else {
    z_stream& stream = inflater_->stream;
    auto* out = static_cast<Bytef*>(to);
    for (uint64_t wanted = bytes; wanted > 0;) {
      stream.next_out = out;
      stream.avail_out = static_cast<uInt>(std::min<uint64_t>(wanted, 1 << 30));
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(next_));
      stream.avail_in = static_cast<uInt>(std::min<uint64_t>(packed_left_, 1 << 30));
      const uInt in_before = stream.avail_in, out_before = stream.avail_out;
      const int code = ::inflate(&stream, Z_NO_FLUSH);
      const uInt used = in_before - stream.avail_in, made = out_before - stream.avail_out;
      next_ += used, packed_left_ -= used, out += made, wanted -= made;
      if (code != Z_OK && code != Z_STREAM_END) damaged("it does not unpack");
      if (wanted > 0 && (code == Z_STREAM_END || (used == 0 && made == 0))) damaged("it is shorter than it should be");
    }
  }
  checksum_ = checksum_of(checksum_, to, bytes);
}

void ZipReader::expect_end() {
  if (left_ > 0) damaged("it holds more than it should");
  if (checksum_ != entry_.checksum) damaged("its checksum is wrong");
}

void ZipWriter::write(std::string_view bytes) {
  file_.write(bytes);
  at_ += bytes.size();
}

void ZipWriter::add(const std::string& name, const std::vector<std::string_view>& pieces, bool deflate) {
  check<ValueError>(name.size() <= 0xffff, "zip: a name of ", name.size(), " bytes is too long");
  Written e{name, deflate, 0, at_, 0, 0};
  for (std::string_view piece : pieces) {
    e.checksum = checksum_of(e.checksum, piece.data(), piece.size());
    e.bytes += piece.size();
  }
  const std::string packed = deflate ? deflated(pieces) : std::string();
  e.packed_bytes = deflate ? packed.size() : e.bytes;
  std::string head;
  put<uint32_t>(head, kLocal);
  put<uint16_t>(head, 45);  // the version that reads zip64
  put<uint16_t>(head, kUtf8Name);
  put<uint16_t>(head, deflate ? kDeflated : kStored);
  put<uint32_t>(head, 0x0021'0000);  // midnight, 1 January 1980
  put<uint32_t>(head, e.checksum);
  put<uint64_t>(head, UINT64_MAX);  // both sizes are in the extra field
  put<uint16_t>(head, static_cast<uint16_t>(name.size()));
  put<uint16_t>(head, 20);
  head += name;
  put<uint16_t>(head, kZip64Extra);
  put<uint16_t>(head, 16);
  put<uint64_t>(head, e.bytes);
  put<uint64_t>(head, e.packed_bytes);
  write(head);
  if (deflate) {
    write(packed);
  } else {
    for (std::string_view piece : pieces) write(piece);
  }
  entries_.push_back(std::move(e));
}

void ZipWriter::finish() {
  const uint64_t begin = at_;
  for (const Written& e : entries_) {
    std::string record;
    put<uint32_t>(record, kCentral);
    put<uint16_t>(record, 45);
    put<uint16_t>(record, 45);
    put<uint16_t>(record, kUtf8Name);
    put<uint16_t>(record, e.deflated ? kDeflated : kStored);
    put<uint32_t>(record, 0x0021'0000);
    put<uint32_t>(record, e.checksum);
    put<uint64_t>(record, UINT64_MAX);
    put<uint16_t>(record, static_cast<uint16_t>(e.name.size()));
    put<uint16_t>(record, 28);
    put<uint16_t>(record, 0);
    put<uint32_t>(record, 0);
    put<uint32_t>(record, 0);
    put<uint32_t>(record, UINT32_MAX);
    record += e.name;
    put<uint16_t>(record, kZip64Extra);
    put<uint16_t>(record, 24);
    put<uint64_t>(record, e.bytes);
    put<uint64_t>(record, e.packed_bytes);
    put<uint64_t>(record, e.begin);
    write(record);
  }
  const uint64_t end = at_;
  std::string tail;
  put<uint32_t>(tail, kEnd64);
  put<uint64_t>(tail, kEnd64Bytes - 12);
  put<uint16_t>(tail, 45);
  put<uint16_t>(tail, 45);
  put<uint64_t>(tail, 0);
  put<uint64_t>(tail, entries_.size());
  put<uint64_t>(tail, entries_.size());
  put<uint64_t>(tail, end - begin);
  put<uint64_t>(tail, begin);
  put<uint32_t>(tail, kLocator64);
  put<uint32_t>(tail, 0);
  put<uint64_t>(tail, end);
  put<uint32_t>(tail, 1);
  put<uint32_t>(tail, kEnd);
  put<uint32_t>(tail, 0);
  put<uint16_t>(tail, 0xffff);
  put<uint16_t>(tail, 0xffff);
  put<uint32_t>(tail, UINT32_MAX);
  put<uint32_t>(tail, UINT32_MAX);
  put<uint16_t>(tail, 0);
  write(tail);
}

}  // namespace tenon::inline v0::io
