"""Splink on one file: prepares the table, trains without labels, predicts, clusters. Called by compare.py.

    python settings.py FILE ID TRUTH OUTPUT

Clusters at the threshold 0.95 go to OUTPUT, the time that took to OUTPUT.time; then those at other thresholds to OUTPUT.THRESHOLD,
so that the best one can be chosen with the truth in view.

The settings are made by hand for the columns at hand, the way Splink's documentation recommends: values brought to one form
first, the prior from strict rules, u by random sampling, m by expectation-maximisation in two passes with different
blocking, names with term frequencies, dependent fields as one comparison, blocking by a union of equality rules. People under
the standard column names of Jiku and Latin tables of people (FEBRL, fake_1000) have settings of their own.
"""

import time

START = time.monotonic()

import pathlib
import re
import resource
import sys
import unicodedata

import pandas as pd
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

NOTHING = {"", "不详", "无", "未知", "null", "none", "n/a", "na", "-", "unknown", "/"}
WEIGHTS, CHECKS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), "10X98765432"


def plain(text):
    text = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()
    return None if text.lower() in NOTHING else text


def identity_number(text):
    text = re.sub(r"[^0-9A-Z]", "", (plain(text) or "").upper())
    if re.fullmatch(r"\d{15}", text):
        text = text[:6] + "19" + text[6:]
        text += CHECKS[sum(int(d) * w for d, w in zip(text, WEIGHTS)) % 11]
    return text or None


def valid_number(text):
    return bool(isinstance(text, str) and re.fullmatch(r"\d{17}[0-9X]", text) and CHECKS[sum(int(d) * w for d, w in zip(text, WEIGHTS)) % 11] == text[17])


def date(text):
    digits = re.findall(r"\d+", plain(text) or "")
    if len(digits) == 1 and len(digits[0]) == 8:
        digits = [digits[0][:4], digits[0][4:6], digits[0][6:]]
    return f"{int(digits[0]):04}-{int(digits[1]):02}-{int(digits[2]):02}" if len(digits) == 3 and len(digits[0]) == 4 else None


def chinese_people(table):
    tidy = pd.DataFrame({"unique_id": table["unique_id"]})
    tidy["id_number"] = table["id_number"].map(identity_number)
    tidy["id_valid"] = tidy["id_number"].map(valid_number)
    tidy["name"] = table["name"].map(plain)
    tidy["birth_date"] = table["birth_date"].map(date)
    born = tidy["id_number"].where(tidy["id_valid"]).str[6:14]
    tidy["birth_date"] = tidy["birth_date"].fillna(born.str[:4] + "-" + born.str[4:6] + "-" + born.str[6:])
    tidy["sex"] = table["sex"].map(lambda text: {"男": "1", "女": "2"}.get((plain(text) or "")[:1], (plain(text) or "")[:1]) or None)
    tidy["phone"] = table["phone"].map(lambda text: re.sub(r"\D", "", plain(text) or "")[-11:] or None)
    tidy["address"] = table["address"].map(lambda text: re.sub(r"^.{2,4}省|\s", "", plain(text) or "") or None)
    tidy["division"] = table["division"].map(lambda text: (plain(text) or "")[:6] or None)
    tidy["surname"] = tidy["name"].str[:1]
    tidy["given"] = tidy["name"].str[1:]
    tidy["id_end"] = tidy["id_number"].str[-6:]
    tidy["id_birth"] = tidy["id_number"].str[6:14]
    number = cl.CustomComparison(
        output_column_name="id_number",
        comparison_levels=[
            cll.NullLevel("id_number"),
            cll.ExactMatchLevel("id_number"),
            cll.CustomLevel("id_valid_l and id_valid_r and left(id_number_l, 14) = left(id_number_r, 14)", "valid, same region and birth"),
            cll.CustomLevel("id_valid_l and id_valid_r", "both valid, different"),
            cll.DamerauLevenshteinLevel("id_number", 1),
            cll.DamerauLevenshteinLevel("id_number", 2),
            cll.ElseLevel(),
        ],
    )
    name = cl.CustomComparison(
        output_column_name="name",
        comparison_levels=[
            cll.NullLevel("name"),
            cll.ExactMatchLevel("name").configure(tf_adjustment_column="name"),
            cll.JaroWinklerLevel("name", 0.88),
            cll.DamerauLevenshteinLevel("name", 1),
            cll.ExactMatchLevel("surname"),
            cll.ElseLevel(),
        ],
    )
    birth = cl.CustomComparison(
        output_column_name="birth_date",
        comparison_levels=[
            cll.NullLevel("birth_date"),
            cll.CustomLevel("(birth_date_l like '%-01-01' or birth_date_r like '%-01-01') and left(birth_date_l, 4) = left(birth_date_r, 4)", "year only"),
            cll.ExactMatchLevel("birth_date"),
            cll.DamerauLevenshteinLevel("birth_date", 1),
            cll.CustomLevel("left(birth_date_l, 4) = left(birth_date_r, 4)", "same year"),
            cll.ElseLevel(),
        ],
    )
    # A household shares phone and home: together they are one comparison.
    home = cl.CustomComparison(
        output_column_name="phone_and_home",
        comparison_levels=[
            cll.CustomLevel("(phone_l is null or phone_r is null) and (address_l is null or address_r is null)", "not known", ).configure(is_null_level=True),
            cll.CustomLevel("phone_l = phone_r and address_l = address_r", "both same"),
            cll.CustomLevel("phone_l = phone_r", "same phone"),
            cll.CustomLevel("address_l = address_r", "same address"),
            cll.CustomLevel("jaro_winkler_similarity(address_l, address_r) >= 0.9", "like address"),
            cll.ElseLevel(),
        ],
    )
    comparisons = [number, name, birth, cl.ExactMatch("sex"), home, cl.ExactMatch("division")]
    rules = [
        block_on("id_number"), block_on("phone"), block_on("name", "birth_date"), block_on("id_end", "surname"), block_on("id_birth", "surname"),
        block_on("surname", "birth_date", "sex"), block_on("given", "birth_date"), block_on("name", "division", "left(birth_date, 4)"), block_on("address", "name"),
    ]
    return tidy, comparisons, rules, [block_on("id_number"), block_on("name", "birth_date")], [block_on("birth_date", "sex"), block_on("name")]


def febrl(table):
    tidy = table.map(plain, na_action="ignore") if hasattr(table, "map") else table.applymap(plain)
    comparisons = [
        cl.ForenameSurnameComparison("given_name", "surname"),
        cl.DamerauLevenshteinAtThresholds("date_of_birth", [1, 2]),
        cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
        cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("address_1", [0.9, 0.7]).configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("suburb", [0.9]).configure(term_frequency_adjustments=True),
        cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
    ]
    rules = [block_on("soc_sec_id"), block_on("given_name", "surname"), block_on("date_of_birth"), block_on("surname", "postcode"),
             block_on("given_name", "postcode"), block_on("address_1", "suburb"), block_on("street_number", "address_1"), block_on("postcode", "street_number")]
    strict = [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth")]
    return tidy, comparisons, rules, strict, [block_on("date_of_birth"), block_on("postcode")]


def fake(table):
    tidy = table.map(plain, na_action="ignore") if hasattr(table, "map") else table.applymap(plain)
    comparisons = [
        cl.ForenameSurnameComparison("first_name", "surname"),
        cl.DateOfBirthComparison("dob", input_is_string=True),
        cl.ExactMatch("city").configure(term_frequency_adjustments=True),
        cl.EmailComparison("email"),
    ]
    rules = [block_on("first_name", "surname"), block_on("surname", "dob"), block_on("first_name", "dob"), block_on("email"), block_on("dob", "city"),
             block_on("surname", "city"), block_on("first_name", "city"), block_on("dob")]
    return tidy, comparisons, rules, [block_on("first_name", "surname", "dob"), block_on("email")], [block_on("dob"), block_on("first_name", "surname")]


def main():
    source, key, truth, output = sys.argv[1:5]
    table = pd.read_csv(source, dtype=str, keep_default_na=False, skipinitialspace=True).rename(columns={key: "unique_id"})
    table = table.drop(columns=[column for column in ("source", truth) if column in table])
    for columns, settings in (({"id_number", "name", "birth_date"}, chinese_people), ({"soc_sec_id", "given_name"}, febrl), ({"dob", "email"}, fake)):
        if columns <= set(table):
            tidy, comparisons, rules, strict, passes = settings(table)
            break
    else:
        sys.exit(f"no settings were made for the columns {', '.join(table)}: write some beside those of this file")
    settings = SettingsCreator(link_type="dedupe_only", comparisons=comparisons, blocking_rules_to_generate_predictions=rules)
    linker = Linker(DuckDBAPI().register(tidy), settings)
    linker.training.estimate_probability_two_random_records_match(strict, recall=0.8)
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    for rule in passes:
        linker.training.estimate_parameters_using_expectation_maximisation(rule, record_sample_proportion=min(1.0, 200_000 / len(tidy)))
    pairs = linker.inference.predict(threshold_match_probability=0.1)

    def write(threshold, path):
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, threshold).as_pandas_dataframe()
        clusters[["unique_id", "cluster_id"]].rename(columns={"unique_id": "record_id"}).to_csv(path, index=False)

    write(0.95, output)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    pathlib.Path(f"{output}.time").write_text(f"{time.monotonic() - START} {usage.ru_utime + usage.ru_stime} {usage.ru_maxrss / 1024}")
    for threshold in (0.2, 0.5, 0.8, 0.99, 0.999):
        write(threshold, f"{output}.{threshold}")


if __name__ == "__main__":
    main()
