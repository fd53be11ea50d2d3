#include "core/text.hpp"

#include <gtest/gtest.h>
#include <utf8proc.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace leadscore {
namespace {

constexpr std::int32_t kCodePoints = 0x110000;
constexpr std::array<Accents, 2> kBothAccents = {Accents::kept, Accents::ignored};

bool is_surrogate(std::int32_t c) { return c >= 0xD800 && c < 0xE000; }

std::string encoded(std::int32_t code_point) {
  std::array<utf8proc_uint8_t, 4> bytes;
  const auto length = utf8proc_encode_char(code_point, bytes.data());
  return {reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(length)};
}

std::string mapped(const std::string& text, int options) {
  utf8proc_uint8_t* result = nullptr;
  const auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                   static_cast<utf8proc_ssize_t>(text.size()), &result,
                                   static_cast<utf8proc_option_t>(options));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(result, std::free);
  EXPECT_GE(length, 0);
  return {reinterpret_cast<const char*>(result), static_cast<std::size_t>(length)};
}

std::string nfc(const std::string& text) { return mapped(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE); }
std::string nfd(const std::string& text) { return mapped(text, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE); }

/// Well-formedness as utf8proc sees it.
bool is_utf8_by_utf8proc(std::string_view text) {
  while (!text.empty()) {
    std::int32_t code_point = 0;
    const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                         static_cast<utf8proc_ssize_t>(text.size()), &code_point);
    if (length < 1) return false;
    text.remove_prefix(static_cast<std::size_t>(length));
  }
  return true;
}

std::string kept(std::string_view text) { return folded(text, Accents::kept); }
std::string ignored(std::string_view text) { return folded(text, Accents::ignored); }

/// A text of code points that fold, compose, reorder or vanish.
std::string random_text(std::mt19937& random) {
  constexpr std::array<std::int32_t, 24> kAwkward = {
      0x345,  0x1F88, 0x1FF3, 0xAD, 0x200B, 0x34F,  0x2065, 0xE0001, 0x1100, 0x1161, 0x11A8, 0xAC00,
      0xAC01, 0x130,  0x131,  0xDF, 0x3A3,  0x1E9E, 0xFDFA, 0xFB01,  0x3099, 0x304B, 0x212B, 0x4E00};
  std::string text;
  for (std::size_t length = random() % 10; length > 0; --length) {
    std::int32_t c = 0;
    switch (random() % 6) {
      case 0:
        c = static_cast<std::int32_t>(random() % 0x80);
        break;
      case 1:
        c = static_cast<std::int32_t>(0x80 + random() % 0x480);
        break;
      case 2:
        c = static_cast<std::int32_t>(0x300 + random() % 0x70);
        break;
      case 3:
        c = static_cast<std::int32_t>(0x1E00 + random() % 0x200);
        break;
      case 4:
        c = static_cast<std::int32_t>(random() % kCodePoints);
        break;
      default:
        c = kAwkward[random() % kAwkward.size()];
    }
    if (!is_surrogate(c)) text += encoded(c);
  }
  return text;
}

TEST(Fold, Examples) {
  const std::pair<const char*, const char*> equal[] = {
      {"STRASSE", "straße"},
      {"STRAẞE", "strasse"},
      {"DIRECTEUR GÉNÉRAL", "directeur général"},
      {"DIRECTEUR GE\u0301NE\u0301RAL", "directeur général"},  // decomposed
      {"ΟΔΥΣΣΕΎΣ", "οδυσσεύς"},                                // final sigma
      {"Ｄｉｒｅｃｔｏｒ", "director"},                        // full-width
      {"oﬃce", "office"},                                      // ligature
      {"co\u00ADopera\u200Btion", "cooperation"},              // invisible characters
      {"e\u00AD\u0301", "é"},
      {"K\u212A\u212B", "kkå"},  // Kelvin and Ångström signs
      {"\u1112\u1161\u11AB\u1100\u1173\u11AF", "한글"},
      {"ﾊﾝｶｸ", "ハンカク"},
      {"ИНЖЕНЕР", "инженер"},
      {"Й", "и\u0306"},
      {"\u03B1\u0345\u0313", "\u1F80"},  // marks in either order
      {"①½", "11\u20442"},
      {"Ǆ", "dž"},
  };
  for (const auto& [a, b] : equal) {
    EXPECT_EQ(kept(a), kept(b)) << a;
    EXPECT_EQ(ignored(a), ignored(b)) << a;
  }
  EXPECT_EQ(kept("Directeur Général"), "directeur général");
  EXPECT_EQ(kept("STRASSE"), "strasse");
  EXPECT_EQ(kept("a\u0323\u0307"), kept("a\u0307\u0323"));
  EXPECT_EQ(kept(""), "");
  EXPECT_EQ(kept("\u200B"), "");
}

TEST(Fold, DifferentTextsStayDifferent) {
  EXPECT_NE(kept("general"), kept("général"));
  EXPECT_NE(kept("ı"), kept("i"));
  EXPECT_NE(kept("и"), kept("й"));
  EXPECT_NE(ignored("ø"), ignored("o"));  // a letter of its own, not an o with a mark
  EXPECT_NE(ignored("가"), ignored("각"));
  EXPECT_NE(kept("a b"), kept("ab"));
}

TEST(Fold, TurkishI) {
  EXPECT_EQ(kept("İ"), "i\u0307");  // the locale-independent folding
  EXPECT_EQ(ignored("İSTANBUL"), "istanbul");
  EXPECT_EQ(kept("I"), "i");
  EXPECT_EQ(kept("ı"), "ı");
}

TEST(Fold, AccentsIgnored) {
  const std::pair<const char*, const char*> equal[] = {{"Général", "general"},
                                                       {"Şef Achiziții", "sef achizitii"},
                                                       {"Geschäftsführer", "geschaftsfuhrer"},
                                                       {"Việt Nam", "viet nam"},
                                                       {"ガ", "カ"},
                                                       {"Ἀθῆναι", "αθηναι"},
                                                       {"ᾳ", "α"},
                                                       {"e\u20DD", "e"},
                                                       {"й", "и"},
                                                       {"naïve", "NAIVE"}};
  for (const auto& [a, b] : equal) EXPECT_EQ(ignored(a), ignored(b)) << a;
  EXPECT_EQ(ignored("\u0301"), "");
}

TEST(Fold, EveryCodePoint) {
  constexpr int kCasefold =
      UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
  for (const Accents accents : kBothAccents) {
    Folder folder(accents);
    Folder again(accents);
    for (std::int32_t c = 0; c < kCodePoints; ++c) {
      if (is_surrogate(c)) continue;
      const std::string text = encoded(c);
      const std::string result(folder.fold(text));
      ASSERT_EQ(again.fold(result), result) << "not idempotent: " << std::hex << c;
      ASSERT_TRUE(is_utf8(result)) << std::hex << c;
      ASSERT_EQ(folder.fold(nfd(text)), result) << std::hex << c;
      ASSERT_EQ(folder.fold(nfc(text)), result) << std::hex << c;
      // The capital of a dotless i is that of i, that of the iota subscript a letter of its own.
      if (c != 0x131 && c != 0x345) {
        ASSERT_EQ(folder.fold(encoded(utf8proc_toupper(c))), result) << std::hex << c;
      }
      const bool reserved = c == 0x2065 || (c >= 0xFFF0 && c <= 0xFFF8) || (c >= 0xE0000 && c <= 0xE0FFF);
      if (reserved) {
        ASSERT_EQ(result, "") << std::hex << c;
      } else if (accents == Accents::kept) {
        ASSERT_EQ(result, mapped(text, kCasefold)) << std::hex << c;
      }
    }
  }
}

TEST(Fold, EveryCodePointBetweenLettersAndMarks) {
  for (const Accents accents : kBothAccents) {
    Folder folder(accents);
    Folder again(accents);
    for (std::int32_t c = 0; c < kCodePoints; ++c) {
      const bool uniform = (c >= 0x3400 && c < 0xA000) || (c >= 0xAD00 && c < 0xF800) ||
                           (c >= 0x12000 && c < 0x16000) || (c >= 0x17000 && c < 0x1C000) ||
                           (c >= 0x20000 && c < 0xE0000);
      if (uniform) continue;  // ideographs, syllables, private use, unassigned
      for (const char* after : {"b", "\u0323\u0301", "\u0345", "\u00AD\u0301"}) {
        const std::string text = "Ab" + encoded(c) + after;
        const std::string result(folder.fold(text));
        ASSERT_EQ(again.fold(result), result) << std::hex << c;
        ASSERT_EQ(folder.fold(nfd(text)), result) << std::hex << c;
        ASSERT_EQ(folder.fold(nfc(text)), result) << std::hex << c;
      }
    }
  }
}

TEST(Fold, RandomTexts) {
  std::mt19937 random(1);
  for (const Accents accents : kBothAccents) {
    Folder folder(accents);
    Folder again(accents);
    for (int i = 0; i < 100'000; ++i) {
      const std::string text = random_text(random);
      const std::string result(folder.fold(text));
      ASSERT_EQ(again.fold(result), result) << text;
      ASSERT_EQ(folder.fold(nfd(text)), result) << text;
      ASSERT_EQ(folder.fold(nfc(text)), result) << text;
      ASSERT_EQ(folder.fold(text + "\u4E00"), result + "\u4E00") << text;
      ASSERT_EQ(folder.fold(text + " x"), result + " x") << text;
    }
  }
}

TEST(Fold, AsciiOfEveryLengthOnEveryPath) {
  std::mt19937 random(2);
  Folder folder(Accents::kept);
  for (std::size_t length = 0; length < 70; ++length) {
    for (int i = 0; i < 200; ++i) {
      std::string text(length, '\0');
      std::string lower = text;
      for (std::size_t at = 0; at < length; ++at) {
        text[at] = static_cast<char>(random() % 0x80);
        lower[at] = text[at] >= 'A' && text[at] <= 'Z' ? static_cast<char>(text[at] + 32) : text[at];
      }
      ASSERT_EQ(folder.fold(text), lower);
      ASSERT_EQ(folder.fold(text + "É!"), lower + "é!");
      ASSERT_EQ(folder.fold("É" + text), "é" + lower);
      ASSERT_EQ(folder.fold(text + "\xFF"), lower + "\xFF");
    }
  }
  for (int c = 0; c < 0x80; ++c) {
    const std::string text(8, static_cast<char>(c));
    ASSERT_EQ(folder.fold(text), std::string(8, folder.fold(text.substr(0, 1))[0])) << c;
  }
}

TEST(Fold, BytesThatAreNotUtf8AreFoldedAsAscii) {
  EXPECT_EQ(kept("G\xC9N\xC9RAL"), "g\xC9n\xC9ral");  // Latin-1
  EXPECT_EQ(kept("\xC3\x89 A\xC3"), "\xC3\x89 a\xC3");
  EXPECT_EQ(ignored("\xED\xA0\x80Z"), "\xED\xA0\x80z");
}

TEST(Fold, ReusesItsBuffer) {
  Folder folder(Accents::kept);
  const char* const first = folder.fold(std::string(1000, 'A')).data();
  EXPECT_EQ(folder.fold("B"), "b");
  EXPECT_EQ(folder.fold("DIRECTEUR GÉNÉRAL"), "directeur général");
  EXPECT_EQ(folder.fold("株式会社"), "株式会社");
  EXPECT_EQ(folder.fold("E\u0301").data(), first);
  EXPECT_EQ(folder.fold("").size(), 0U);
}

TEST(Fold, LongTexts) {
  std::string text;
  std::string expected;
  for (int i = 0; i < 20'000; ++i) {
    text += "ÀA\u0300ﷺ株";
    expected += "àà" + mapped("ﷺ", UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT) + "株";
  }
  EXPECT_EQ(kept(text), expected);
}

TEST(Fold, ManyMarksInTheWrongOrderTakeNoQuadraticTime) {
  std::string text = "a";
  std::string expected = "ạ";
  constexpr int kMarks = 300'000;
  for (int i = 0; i < kMarks; ++i) text += "\u0307\u0323";  // class 230 before class 220
  for (int i = 1; i < kMarks; ++i) expected += "\u0323";
  for (int i = 0; i < kMarks; ++i) expected += "\u0307";
  EXPECT_EQ(kept(text), expected);
  EXPECT_EQ(ignored(text), "a");
}

TEST(Utf8, EveryCodePointIsWellFormed) {
  for (std::int32_t c = 0; c < kCodePoints; ++c) {
    if (is_surrogate(c)) continue;
    ASSERT_TRUE(is_utf8(encoded(c))) << std::hex << c;
  }
}

TEST(Utf8, EverySequenceOfUpToThreeBytes) {
  std::string text;
  for (int a = 0x80; a < 0x100; ++a) {
    text.assign(1, static_cast<char>(a));
    ASSERT_FALSE(is_utf8(text));
    for (int b = 0; b < 0x100; ++b) {
      text.assign({static_cast<char>(a), static_cast<char>(b)});
      ASSERT_EQ(is_utf8(text), is_utf8_by_utf8proc(text)) << a << ' ' << b;
      for (int c = 0; c < 0x100; ++c) {
        text.assign({static_cast<char>(a), static_cast<char>(b), static_cast<char>(c)});
        ASSERT_EQ(is_utf8(text), is_utf8_by_utf8proc(text)) << a << ' ' << b << ' ' << c;
      }
    }
  }
}

TEST(Utf8, SequencesOfFourBytes) {
  const std::array<int, 8> edges = {0x00, 0x7F, 0x80, 0x8F, 0x90, 0xBF, 0xC0, 0xFF};
  for (int a = 0xE0; a < 0x100; ++a) {
    for (int b = 0; b < 0x100; ++b) {
      for (const int c : edges) {
        for (const int d : edges) {
          const std::string text = {static_cast<char>(a), static_cast<char>(b), static_cast<char>(c),
                                    static_cast<char>(d)};
          ASSERT_EQ(is_utf8(text), is_utf8_by_utf8proc(text)) << a << ' ' << b << ' ' << c << ' ' << d;
          ASSERT_EQ(is_utf8("12345678" + text + "12345678"), is_utf8(text));
        }
      }
    }
  }
}

TEST(Utf8, KindsOfMalformedText) {
  for (const char* text :
       {"\x80", "\xBF", "\xC3", "\xE2\x82", "\xF0\x9F\x98",          // lone and missing continuations
        "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF",  // overlong
        "\xED\xA0\x80", "\xED\xBF\xBF", "\xED\xA0\xBD\xED\xB8\x80",  // surrogates
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFE", "\xFF",      // beyond U+10FFFF
        "\xC3\xC3\xA9", "\xC3 ", "a\xE2\x28\xA1"}) {
    EXPECT_FALSE(is_utf8(text));
    EXPECT_FALSE(is_utf8(std::string("abcdefgh") + text));
    EXPECT_EQ(trimmed(text).empty(), false);
  }
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8(std::string_view("\0", 1)));
}

constexpr std::array<std::int32_t, 25> kWhiteSpace = {
    0x09,   0x0A,   0x0B,   0x0C,   0x0D,   0x20,   0x85,   0xA0,   0x1680, 0x2000, 0x2001, 0x2002, 0x2003,
    0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000};

TEST(WhiteSpace, IsUnicodes) {
  std::size_t found = 0;
  for (std::int32_t c = 0; c < kCodePoints; ++c) {
    if (is_surrogate(c)) continue;
    const std::string text = encoded(c);
    if (!is_blank(text)) continue;
    ASSERT_LT(found, kWhiteSpace.size());
    EXPECT_EQ(c, kWhiteSpace[found++]);
    EXPECT_EQ(trimmed(text + "a b" + text + text), "a b");
    EXPECT_EQ(trimmed(text), "");
  }
  EXPECT_EQ(found, kWhiteSpace.size());
}

TEST(WhiteSpace, Blank) {
  EXPECT_TRUE(is_blank(""));
  EXPECT_TRUE(is_blank(" \t\u00A0\u3000\r\n"));
  EXPECT_FALSE(is_blank(" . "));
  EXPECT_FALSE(is_blank(std::string_view("\0", 1)));
  EXPECT_FALSE(is_blank("\xC2"));  // half a character
  EXPECT_FALSE(is_blank(" \x80"));
}

TEST(WhiteSpace, TrimmedIsAViewAndKeepsWhatIsInside) {
  const std::string text = "\u2003 VP \u00A0Sales\u3000\n";
  const std::string_view result = trimmed(text);
  EXPECT_EQ(result, "VP \u00A0Sales");
  EXPECT_EQ(result.data(), text.data() + 4);
  EXPECT_EQ(trimmed("a\xA0"), "a\xA0");  // not UTF-8: no white space
  EXPECT_EQ(trimmed("\x80\x80\x80\x80\x80"), "\x80\x80\x80\x80\x80");
}

TEST(Word, LettersMarksAndNumbersOfEveryCodePoint) {
  for (std::int32_t c = 0; c < kCodePoints; ++c) {
    if (is_surrogate(c)) continue;
    const std::string category = utf8proc_category_string(c);
    const bool word = category[0] == 'L' || category[0] == 'M' || category[0] == 'N';
    const std::string text = "-" + encoded(c) + "-";
    ASSERT_EQ(is_word_at(text, 1), word) << std::hex << c;
    ASSERT_EQ(is_word_before(text, text.size() - 1), word) << std::hex << c;
    ASSERT_FALSE(is_word_at(text, 0));
    ASSERT_FALSE(is_word_before(text, 1));
  }
}

TEST(Word, Boundaries) {
  const std::string text = "VP, Général 2";
  EXPECT_FALSE(is_word_before(text, 0));
  EXPECT_TRUE(is_word_at(text, 0));
  EXPECT_TRUE(is_word_before(text, 2));
  EXPECT_FALSE(is_word_at(text, 2));
  EXPECT_TRUE(is_word_at(text, 5));
  EXPECT_TRUE(is_word_before(text, 7));
  EXPECT_TRUE(is_word_at(text, text.size() - 1));
  EXPECT_TRUE(is_word_before(text, text.size()));
  EXPECT_FALSE(is_word_at(text, text.size()));
  EXPECT_FALSE(is_word_at(text, text.size() + 5));
  EXPECT_FALSE(is_word_before(text, text.size() + 5));
  EXPECT_FALSE(is_word_at("", 0));
  EXPECT_FALSE(is_word_at("_", 0));
}

TEST(Word, MalformedBytesAreNoWord) {
  const std::string text = "a\xC3";
  EXPECT_FALSE(is_word_at(text, 1));
  EXPECT_FALSE(is_word_before(text, 2));
  EXPECT_FALSE(is_word_before("\x80\x80\x80\x80\x80", 5));
  EXPECT_FALSE(is_word_before("\u00E9\x80", 3));
  EXPECT_FALSE(is_word_at("\u00E9", 1));  // inside a character
  EXPECT_FALSE(is_word_before("\u00E9", 1));
}

}  // namespace
}  // namespace leadscore
