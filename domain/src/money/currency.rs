//! Currencies that a workspace can count in.

/// A currency of ISO 4217 that has hundredths, or is counted in whole units.
#[derive(Debug, PartialEq, Eq)]
pub struct Currency {
    pub code: &'static str,
    pub name: &'static str,
    /// How it is written beside an amount.
    pub sign: &'static str,
}

/// Signs that stand for a currency, by themselves or beside letters.
pub(super) const SIGNS: &str = "$€£¥₺₴₹₩₪฿₫₱₽₦₡₲₵₸₼₾";

const fn currency(code: &'static str, name: &'static str, sign: &'static str) -> Currency {
    Currency { code, name, sign }
}

/// Those there are to choose from, by their codes.
pub const CURRENCIES: &[Currency] = &[
    currency("AED", "UAE dirham", "AED"),
    currency("AUD", "Australian dollar", "A$"),
    currency("BGN", "Bulgarian lev", "лв"),
    currency("BRL", "Brazilian real", "R$"),
    currency("CAD", "Canadian dollar", "CA$"),
    currency("CHF", "Swiss franc", "Fr"),
    currency("CNY", "Chinese yuan", "¥"),
    currency("CZK", "Czech koruna", "Kč"),
    currency("DKK", "Danish krone", "kr"),
    currency("EUR", "Euro", "€"),
    currency("GBP", "Pound sterling", "£"),
    currency("HKD", "Hong Kong dollar", "HK$"),
    currency("HUF", "Hungarian forint", "Ft"),
    currency("ILS", "Israeli new shekel", "₪"),
    currency("INR", "Indian rupee", "₹"),
    currency("ISK", "Icelandic króna", "kr"),
    currency("JPY", "Japanese yen", "¥"),
    currency("KRW", "South Korean won", "₩"),
    currency("MXN", "Mexican peso", "MX$"),
    currency("NOK", "Norwegian krone", "kr"),
    currency("NZD", "New Zealand dollar", "NZ$"),
    currency("PLN", "Polish złoty", "zł"),
    currency("RON", "Romanian leu", "lei"),
    currency("SEK", "Swedish krona", "kr"),
    currency("SGD", "Singapore dollar", "S$"),
    currency("THB", "Thai baht", "฿"),
    currency("TRY", "Turkish lira", "₺"),
    currency("UAH", "Ukrainian hryvnia", "₴"),
    currency("USD", "US dollar", "US$"),
    currency("ZAR", "South African rand", "R"),
];

impl Currency {
    /// The currency of a code, in whatever case.
    pub fn find(code: &str) -> Option<&'static Self> {
        CURRENCIES.iter().find(|currency| currency.code.eq_ignore_ascii_case(code))
    }

    /// Whether that is a way to write it: its code, its sign, or the part of its sign that is no letter, such as `$`.
    pub(super) fn is_called(&self, word: &str) -> bool {
        let bare: String = self.sign.chars().filter(|c| SIGNS.contains(*c)).collect();
        word.eq_ignore_ascii_case(self.code)
            || word.to_lowercase() == self.sign.to_lowercase()
            || (!bare.is_empty() && word == bare)
    }
}

/// Whether a word beside an amount is a currency, of those there are to choose from or another: a sign, or three letters.
pub(super) fn is_one(word: &str) -> bool {
    let is_code = word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_code
        || word.chars().any(|c| SIGNS.contains(c))
        || CURRENCIES.iter().any(|currency| currency.is_called(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn currencies_stand_in_order_and_are_found_by_their_codes() {
        assert!(CURRENCIES.is_sorted_by_key(|currency| currency.code));
        for currency in CURRENCIES {
            assert_eq!(Currency::find(&currency.code.to_lowercase()), Some(currency));
            assert!(currency.is_called(currency.code) && currency.is_called(currency.sign));
            assert!(is_one(currency.sign));
        }
        assert_eq!(Currency::find(""), None);
        assert!(!is_one("k") && !is_one("many"));
    }
}
