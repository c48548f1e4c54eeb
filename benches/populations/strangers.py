#!/usr/bin/env python3
"""Makes people and legal persons with other habits than `jiku synth`, to judge the default models on data they were not made on.

    python3 benches/populations/strangers.py --people 20000 --seed 1 --habit counter --output people.csv
    python3 benches/populations/strangers.py --firms 10000 --seed 1 --habit paper --output firms.csv

Shares no code, names, addresses or error rates with `jiku synth`. People live in households of up to three generations; six
departments know some of them each. Three habits: `counter` (typed from a card: mostly sound and missing values), `paper` (copied
from handwriting: characters that look alike, digits, swapped dates), `telephone` (heard: near sounds, invented days, households
that give one number). Column `entity` is the truth. Needs Python 3 and nothing else.
"""

import argparse
import csv
import datetime
import random

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏"
    "付方邹熊白孟秦邱侯江尹薛闫雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文施洪季温牛倪柳")
GIVEN = {  # by decade of birth and sex: characters of given names
    ("old", 1): "国建华军平志明福德贵生金永胜荣光文玉春林海成清祥忠庆发根水火土木树山富有财长学义仁礼智信元兴旺保全",
    ("old", 2): "秀英兰芳珍玉桂花凤梅莲红霞云翠菊香琴月娥素淑贞惠爱娣妹华芬萍仙巧银金春彩连美招喜定引大小",
    ("mid", 1): "伟强军勇磊涛斌波辉刚健明亮超杰鹏飞宇峰浩俊凯鑫龙旭阳洋林毅坤东海宏建文志小晓海永立振国新春",
    ("mid", 2): "静丽娟敏艳娜芳燕玲婷雪慧莉倩丹萍红霞梅琳颖洁蓉璐晶莹薇蕾佳欣晓小海春文亚志丽秀雅玉冬",
    ("new", 1): "子轩浩宇梓睿泽宸奕辰博文昊天俊杰一诺嘉懿明哲皓铭佑恒煜城沐阳瑞霖景行思远家乐言承志骏驰",
    ("new", 2): "梓涵欣怡诗琪雨萱可馨一诺语桐子萌思颖佳怡若曦沐瑶依晨芷晗书瑶紫妍艺彤雅静心悦语嫣诺米",
}
SOUNDS = [
    "伟玮炜纬", "静婧靖净", "丽莉俐", "芳方", "杰洁捷", "军君均钧", "勇永", "涛滔", "明铭鸣", "平萍苹", "刚钢", "桂贵", "英瑛莺", "颖影", "玉钰",
    "红宏鸿洪虹", "辉晖", "建健剑", "文雯", "志智", "云芸", "燕艳雁彦", "梅玫", "欣新鑫心馨", "怡宜仪", "雨宇羽语", "轩萱", "涵晗", "子紫梓",
    "诗思", "琪淇琦祺", "浩昊皓", "俊骏峻", "峰锋枫丰", "佳嘉家", "瑞睿锐", "晨辰", "林琳霖", "兰岚", "付傅", "肖萧", "于余", "闫严", "江姜", "许徐",
    "汪王", "张章", "李黎", "程成", "曾增", "邱丘", "陆路", "范樊", "魏卫", "玲灵铃", "娟鹃", "婷亭", "慧惠", "霞侠", "蓉荣容", "超朝", "海亥",
    "秀绣", "凤奉", "清青", "金今", "春椿", "国果", "生升", "飞非", "旭绪", "阳洋扬", "一依", "诺糯", "桐彤童", "瑶遥", "妍研言", "博伯", "泽则"]
SHAPES = ["未末", "土士", "日曰", "己已", "大太", "刘对", "陈阵", "徐除", "侯候", "刚则", "浩洁", "俊俏", "斌武", "晶品", "莹营", "明朋", "玉王", "萍洋",
          "霖霜", "宇字", "宜宣", "睛晴", "芬芳", "华毕", "涛铸", "晨唇", "怡恰", "冰水", "泽译", "琳淋", "杨扬", "汪江", "程租", "贺货", "薇微", "凯饥"]
NEAR = ["林宁", "兰南", "李倪", "刘牛", "陈程", "金京", "英音", "红横", "芬风", "山桑", "诗司", "珍蒸", "丹当", "平贫", "心星", "健将", "伟飞", "春存", "志字"]
PLACES = [  # code, city, district, roads
    ("330102", "杭州市", "上城区"), ("330106", "杭州市", "西湖区"), ("330108", "杭州市", "滨江区"), ("330109", "杭州市", "萧山区"),
    ("330203", "宁波市", "海曙区"), ("330206", "宁波市", "北仑区"), ("330212", "宁波市", "鄞州区"), ("330302", "温州市", "鹿城区"),
    ("330304", "温州市", "瓯海区"), ("330402", "嘉兴市", "南湖区"), ("330602", "绍兴市", "越城区"), ("330702", "金华市", "婺城区"),
    ("330782", "金华市", "义乌市"), ("331002", "台州市", "椒江区"), ("330522", "湖州市", "长兴县"), ("330881", "衢州市", "江山市")]
FARAWAY = ["340102", "340104", "360102", "410102", "420102", "430102", "510104", "510107", "520102", "370102", "320102", "350102", "610102", "130102"]
ROADS = ("解放 人民 建设 中山 新华 环城 体育场 文三 学院 莫干山 天目山 凤起 庆春 延安 江南 滨盛 市心 金城 通惠 药行 中山东 百丈 兴宁 车站 五马 小南 学士 "
         "中环 勤俭 禾兴 胜利 延安东 双溪 八一 宾虹 稠州 宗泽 市府 中心 解放南 白云山 雉洲 明珠 航埠 县前 鹿溪 城南 虎山").split()
ESTATES = "阳光花园 翠苑小区 金色家园 水岸名苑 江畔新村 怡景苑 都市春天 锦绣华庭 东方明珠苑 桂花城 紫荆公寓 祥和里".split()
COMPOUND = ["欧阳", "上官", "司马", "诸葛"]


def weighted(rng, letters):
    """Earlier ones are commoner, as surnames are."""
    return letters[min(int(rng.paretovariate(0.75) * 2.2) - 2, len(letters) * 3) % len(letters)]


def checked(body):
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights)) % 11]


class Person:
    def __init__(self, rng, home, surname, sex, born, code):
        self.home, self.surname, self.sex, self.born, self.code = home, surname, sex, born, code
        self.former, self.moved, self.faithful = "", None, rng.random()
        self.phones = []
        self.ethnic = "汉" if rng.random() < 0.96 else rng.choice("回畲苗壮土".replace(" ", ""))
        self.travels = rng.random() < 0.1
        self.passport = f"E{rng.choice('ABCDEFGHJK')}{rng.randrange(10**7):07d}"

    def number(self, sequence):
        self.sequence = sequence
        self.id = checked(f"{self.code}{self.born:%Y%m%d}{sequence:03d}")


def given_name(rng, sex, born, generation=""):
    era = "old" if born.year < 1970 else "mid" if born.year < 2002 else "new"
    letters = GIVEN[era, sex]
    if generation:
        return generation + rng.choice(letters)
    two = rng.random() < (0.55 if era == "mid" else 0.85)
    first, second = rng.choice(letters), rng.choice(letters)
    return first + second if two else first


def day_in(rng, first, last):
    return datetime.date(rng.randint(first, last), 1, 1) + datetime.timedelta(days=rng.randrange(365))


def mobile(rng):
    return rng.choice(["138", "139", "135", "136", "150", "151", "158", "159", "186", "187", "177", "133", "189"]) + f"{rng.randrange(10**8):08d}"


def households(rng, count):
    people, used = [], set()

    def settle(person, sequence=None):
        sequence = sequence if sequence is not None else rng.randrange(1, 499) * 2 + (1 if person.sex == 1 else 0)
        person.number(sequence % 1000)
        while person.id in used:
            sequence += 2
            person.number(sequence % 1000)
        used.add(person.id)
        people.append(person)

    while len(people) < count:
        code, city, district = place = rng.choice(PLACES)
        if rng.random() < 0.5:
            home = (place, rng.choice(ROADS) + "路", rng.randrange(1, 400), None, rng.randrange(1, 30), rng.randrange(1, 5), rng.randrange(1, 19) * 100 + rng.randrange(1, 5))
        else:
            home = (place, rng.choice(ROADS) + "路", rng.randrange(1, 400), rng.choice(ESTATES), rng.randrange(1, 30), rng.randrange(1, 5), rng.randrange(1, 19) * 100 + rng.randrange(1, 5))
        surname = rng.choice(COMPOUND) if rng.random() < 0.003 else weighted(rng, SURNAMES)
        origin = lambda: code if rng.random() < 0.65 else rng.choice(FARAWAY) if rng.random() < 0.7 else rng.choice(PLACES)[0]
        head = Person(rng, home, surname, rng.choice([1, 1, 2]), day_in(rng, 1940, 2003), origin())
        head.name = surname + given_name(rng, head.sex, head.born)
        settle(head)
        line = mobile(rng)
        head.phones = [mobile(rng) if rng.random() < 0.9 else line, line]
        if rng.random() < 0.3:
            continue
        spouse = Person(rng, home, weighted(rng, SURNAMES), 3 - head.sex, head.born + datetime.timedelta(days=rng.randint(-2000, 2000)), origin())
        spouse.name = spouse.surname + given_name(rng, spouse.sex, spouse.born)
        spouse.phones = [mobile(rng) if rng.random() < 0.8 else head.phones[0], line]
        settle(spouse)
        generation = rng.choice(GIVEN["new", 1]) if rng.random() < 0.25 else ""
        born, children = head.born + datetime.timedelta(days=rng.randint(8200, 12500)), rng.choice([0, 1, 1, 1, 2, 2, 3])
        while children and born.year < 2024:
            twins = rng.random() < 0.015
            sequence = None
            for _ in range(2 if twins else 1):
                child = Person(rng, home, surname, rng.choice([1, 2]), born, code)
                child.name = surname + given_name(rng, child.sex, born, generation)
                if rng.random() < 0.001 and head.sex == child.sex == 1:
                    child.name = head.name
                if rng.random() < 0.03 and born.year > 1995:
                    child.name = spouse.surname + child.name[len(surname):]
                child.surname = child.name[: 2 if child.name[:2] in COMPOUND else 1]
                own = mobile(rng) if born.year < 2008 else rng.choice([head, spouse]).phones[0]
                child.phones = [own, line]
                settle(child, None if sequence is None else sequence + 2 + (child.sex - before) % 2)
                sequence, before = child.sequence, child.sex
            born += datetime.timedelta(days=rng.randint(500, 2500))
            children -= 1
        if rng.random() < 0.15:
            parent = Person(rng, home, surname, head.sex, head.born - datetime.timedelta(days=rng.randint(7500, 11500)), origin())
            parent.name = surname + given_name(rng, parent.sex, parent.born)
            parent.phones = [line, line]
            settle(parent)
    people = people[:count]
    for person in people:
        if rng.random() < 0.02:
            person.former = person.surname + given_name(rng, person.sex, person.born) if rng.random() < 0.7 else weighted(rng, SURNAMES) + person.name[len(person.surname):]
        if rng.random() < 0.22:
            place = rng.choice(PLACES) if rng.random() < 0.5 else person.home[0]
            person.moved = (place, rng.choice(ROADS) + "路", rng.randrange(1, 400), rng.choice([None, *ESTATES[:6]]), rng.randrange(1, 30), rng.randrange(1, 5), rng.randrange(1, 19) * 100 + rng.randrange(1, 5))
        if rng.random() < 0.3:
            person.phones.insert(0, mobile(rng))
    return people


HABITS = {  # shares of wrong values: sound, shape, near sound, digit of the number, of the date, invented day, another's phone, number left out
    "counter": dict(sound=0.012, shape=0.003, near=0.002, digit=0.006, date=0.006, vague=0.01, shared=0.05, absent=1.0, drop=0.003),
    "paper": dict(sound=0.004, shape=0.016, near=0.002, digit=0.02, date=0.02, vague=0.012, shared=0.05, absent=0.9, drop=0.008),
    "telephone": dict(sound=0.03, shape=0.002, near=0.014, digit=0.012, date=0.012, vague=0.03, shared=0.15, absent=1.3, drop=0.004),
}
DEPARTMENTS = {  # share of the people it knows, share with number, birth date, phone, address, second records
    "household-register": dict(knows=0.93, number=0.995, birth=1.0, phone=0.25, address=0.99, again=0.004, care=0.3, lives="registered"),
    "health-insurance": dict(knows=0.72, number=0.95, birth=0.97, phone=0.8, address=0.55, again=0.01, care=0.7, lives="now"),
    "hospital": dict(knows=0.5, number=0.66, birth=0.93, phone=0.88, address=0.7, again=0.16, care=1.5, lives="now"),
    "school": dict(knows=0.18, number=0.9, birth=0.99, phone=0.9, address=0.8, again=0.01, care=0.8, lives="now"),
    "housing": dict(knows=0.3, number=0.88, birth=0.0, phone=0.85, address=0.97, again=0.08, care=1.0, lives="now"),
    "community": dict(knows=0.35, number=0.55, birth=0.8, phone=0.75, address=0.97, again=0.03, care=1.6, lives="now"),
}


def other(rng, letter, groups):
    choices = [group.replace(letter, "") for group in groups if letter in group]
    return rng.choice(rng.choice(choices)) if choices else None


def misspell(rng, name, groups):
    places = list(range(len(name)))
    rng.shuffle(places)
    for at in places:
        if found := other(rng, name[at], groups):
            return name[:at] + found + name[at + 1:]
    return name


def slip(rng, digits):
    at = rng.randrange(len(digits))
    if rng.random() < 0.25 and at + 1 < len(digits) and digits[at] != digits[at + 1]:
        return digits[:at] + digits[at + 1] + digits[at] + digits[at + 2:]
    return digits[:at] + rng.choice([d for d in "0123456789" if d != digits[at]]) + digits[at + 1:]


def told_address(rng, home, style):
    (code, city, district), road, number, estate, building, unit, room = home
    province = "浙江省" if rng.random() < 0.6 else ""
    city = city if rng.random() < 0.85 else ""
    if style == 0:
        tail = f"{building}幢{unit}单元{room}室"
    elif style == 1:
        tail = f"{building}-{unit}-{room}"
    else:
        tail = f"{building}号楼{unit}单元{room}"
    if rng.random() < 0.04:
        tail = f"{building}幢"
    estate = estate if estate and rng.random() < 0.8 else ""
    return f"{province}{city}{district}{road}{number}号{estate}{tail}"


def told_date(rng, day, style):
    return [f"{day:%Y-%m-%d}", f"{day:%Y%m%d}", f"{day.year}年{day.month}月{day.day}日", f"{day.year}/{day.month}/{day.day}", f"{day:%Y.%m.%d}"][style]


def record(rng, person, department, habit, family):
    rule, care = HABITS[habit], DEPARTMENTS[department]["care"]
    about = DEPARTMENTS[department]
    wrong = lambda what: rng.random() < rule[what] * care
    name = person.former if person.former and rng.random() < 0.25 else person.name
    if wrong("sound"):
        name = misspell(rng, name, SOUNDS)
    elif wrong("shape"):
        name = misspell(rng, name, SHAPES)
    elif wrong("near"):
        name = misspell(rng, name, NEAR)
    elif wrong("drop") and len(name) > 2:
        at = rng.randrange(1, len(name))
        name = name[:at] + name[at + 1:] if rng.random() < 0.6 else name[:at] + name[at:][::-1]
    if rng.random() < 0.004 * care:
        name = name[0] + " " + name[1:]
    number, kind = "", ""
    if rng.random() < 1 - (1 - about["number"]) * rule["absent"]:
        number, kind = person.id, "居民身份证"
        roll = rng.random()
        if person.born.year < 1985 and department in ("housing", "community") and rng.random() < 0.06:
            number = person.id[:6] + person.id[8:17]
        elif roll < 0.0005 * care and family:
            number = rng.choice(family).id
        elif roll < 0.005 and department in ("hospital", "housing") and person.travels:
            number, kind = person.passport, "护照"
        if kind == "居民身份证" and wrong("digit"):
            number = slip(rng, number[:-1]) + number[-1]
        number = number.lower() if rng.random() < 0.1 else number
    born = ""
    if rng.random() < (about["birth"] if number else 0.985):
        day = person.born
        if wrong("vague"):
            born = str(day.year) if rng.random() < 0.5 else told_date(rng, day.replace(month=1, day=1), 0)
        elif wrong("date"):
            roll = rng.random()
            if roll < 0.3 and day.day <= 12:
                day = day.replace(month=day.day, day=day.month)
            elif roll < 0.7:
                day = day.replace(day=min(28, max(1, day.day + rng.choice([-1, 1, 10, -10, 2]))))
            elif roll < 0.9:
                day = day.replace(year=day.year + rng.choice([-1, 1, 10, -10]), day=min(day.day, 28))
            else:
                day += datetime.timedelta(days=rng.randint(20, 50))
        born = born or told_date(rng, day, hash_of(department) % 5)
    phone = ""
    if rng.random() < (about["phone"] if number else 0.95):
        phone = person.phones[0] if rng.random() < 0.75 else rng.choice(person.phones)
        if wrong("shared") and family:
            phone = rng.choice(family).phones[0]
        if rng.random() < 0.006 * care:
            phone = slip(rng, phone)
        elif rng.random() < 0.002:
            phone = rng.choice(["13800000000", "00000000", "无"])
    home = person.home if about["lives"] == "registered" or not person.moved or rng.random() < 0.15 else person.moved
    address = told_address(rng, home, rng.choice([0, 0, 1, 2])) if rng.random() < about["address"] else ""
    sex = person.sex if rng.random() > 0.003 * care else 3 - person.sex
    return {
        "name": name, "id_type": kind, "id_number": number, "sex": "男" if sex == 1 else "女", "birth_date": born, "phone": phone, "address": address,
        "ethnic_group": person.ethnic + "族" if department in ("household-register", "school") else "",
        "former_name": person.former if person.former and department == "household-register" and name == person.name and rng.random() < 0.6 else "",
    }


def hash_of(text):
    return sum((at + 1) * ord(letter) for at, letter in enumerate(text))


def people_records(rng, count, habit):
    people = households(rng, count)
    homes = {}
    for person in people:
        homes.setdefault(person.home, []).append(person)
    for number, person in enumerate(people):
        family = [other for other in homes[person.home] if other is not person]
        for department, about in DEPARTMENTS.items():
            if department == "school" and not 2000 < person.born.year < 2019:
                continue
            if rng.random() < about["knows"] * (3.5 if department == "school" else 1):
                for _ in range(2 if rng.random() < about["again"] else 1):
                    yield {"entity": f"p{number}", "source": department, **record(rng, person, department, habit, family)}


TRADES = {
    "科技": "软件 信息技术 网络 智能设备 电子", "贸易": "商贸 进出口 百货 食品 五金", "建设": "建筑工程 装饰 市政工程 园林 劳务",
    "服务": "物业管理 餐饮管理 人力资源 广告 物流", "制造": "机械 纺织 塑料制品 家具 包装材料"}
BRANDS = "鑫盛华恒瑞德达通润泰丰隆兴茂博远创新宏宇天海金银正和信诚嘉佳美康安源龙凤翔飞腾辉煌星月云木林森东方南北中西大万千百益利顺昌旺发"
ENDS = [("有限公司", "11"), ("有限责任公司", "11"), ("股份有限公司", "12"), ("商行", "92"), ("合作社", "93")]
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def credit_code(rng, code):
    organisation = "".join(rng.choice("0123456789ABCDEFGHJKLMNPQRTUWXY") for _ in range(8))
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    value = lambda letter: int(letter) if letter.isdigit() else ord(letter) - 55
    rest = 11 - sum(value(letter) * weight for letter, weight in zip(organisation, weights)) % 11
    organisation += "0" if rest == 11 else "X" if rest == 10 else str(rest)
    body = "91" + code + organisation
    total = sum(ALPHABET.index(letter) * pow(3, at, 31) for at, letter in enumerate(body))
    return body + ALPHABET[(31 - total % 31) % 31]


def register_number(rng, code):
    body, left = code + f"{rng.randrange(10**8):08d}", 10
    for digit in body:
        left = (left + int(digit)) % 10 or 10
        left = left * 2 % 11
    return body + str((11 - left) % 10)


class Firm:
    pass


def firms(rng, count):
    made = []
    while len(made) < count:
        firm = Firm()
        firm.place = rng.choice(PLACES)
        firm.brand = rng.choice(BRANDS) + rng.choice(BRANDS) + (rng.choice(BRANDS) if rng.random() < 0.15 else "")
        firm.trade = rng.choice(rng.choice(list(TRADES.values())).split())
        firm.end = rng.choices(ENDS, [70, 12, 4, 10, 4])[0][0]
        city = firm.place[1][:-1]
        where = rng.choice([firm.place[1], city, "浙江", city + firm.place[2]])
        firm.where = where if rng.random() < 0.8 else f"({city})"
        firm.name = f"{firm.brand}{firm.trade}{firm.where}{firm.end}" if firm.where[0] == "(" else f"{firm.where}{firm.brand}{firm.trade}{firm.end}"
        firm.code, firm.number = credit_code(rng, firm.place[0]), register_number(rng, firm.place[0])
        person_sex, born = rng.choice([1, 1, 2]), day_in(rng, 1950, 1998)
        firm.head = weighted(rng, SURNAMES) + given_name(rng, person_sex, born)
        firm.head_id = checked(f"{rng.choice(PLACES)[0]}{born:%Y%m%d}{rng.randrange(1000):03d}")
        firm.phone = mobile(rng) if rng.random() < 0.6 else f"05{rng.randrange(70, 80)}-{rng.randrange(80000000, 89999999)}"
        firm.home = (firm.place, rng.choice(ROADS) + "路", rng.randrange(1, 900), None, rng.randrange(1, 20), 1, rng.randrange(1, 30) * 100 + rng.randrange(1, 20))
        firm.since, firm.capital = day_in(rng, 1992, 2023), rng.choice([3, 10, 50, 100, 100, 200, 500, 1000, 5000])
        firm.names, firm.heads, firm.homes = [firm.name], [firm.head], [firm.home]
        made.append(firm)
        for number in range(rng.choice([0] * 12 + [1, 1, 2, 4])):
            branch = Firm()
            branch.__dict__.update(firm.__dict__)
            branch.place = rng.choice(PLACES)
            branch.code, branch.number = credit_code(rng, branch.place[0]), register_number(rng, branch.place[0])
            branch.name = firm.name + branch.place[2][:-1] + ("" if number == 0 else f"第{'零一二三四'[number]}") + "分公司"
            branch.home = (branch.place, rng.choice(ROADS) + "路", rng.randrange(1, 900), None, rng.randrange(1, 20), 1, rng.randrange(1, 30) * 100 + rng.randrange(1, 20))
            branch.since = firm.since + datetime.timedelta(days=rng.randrange(100, 2000))
            branch.head = firm.head if rng.random() < 0.4 else weighted(rng, SURNAMES) + given_name(rng, 1, born)
            branch.names, branch.heads, branch.homes = [branch.name], [branch.head], [branch.home]
            made.append(branch)
        if rng.random() < 0.06:
            firm.names.append(firm.name.replace(firm.brand, rng.choice(BRANDS) + rng.choice(BRANDS)) if rng.random() < 0.6 else firm.name.replace(firm.trade, firm.trade[:2] + "科技"))
        if rng.random() < 0.12:
            firm.heads.append(weighted(rng, SURNAMES) + given_name(rng, 1, born))
        if rng.random() < 0.15:
            firm.homes.append((firm.place, rng.choice(ROADS) + "路", rng.randrange(1, 900), None, rng.randrange(1, 20), 1, rng.randrange(1, 30) * 100 + 1))
    return made[:count]


OFFICES = {  # share known, share with credit code, register number, representative, address, phone
    "market-regulator": dict(knows=0.97, code=0.97, number=0.9, head=0.99, address=0.99, phone=0.4, care=0.3),
    "tax": dict(knows=0.8, code=0.98, number=0.1, head=0.9, address=0.85, phone=0.7, care=0.7),
    "social-insurance": dict(knows=0.55, code=0.85, number=0.3, head=0.6, address=0.8, phone=0.8, care=1.2),
    "procurement": dict(knows=0.3, code=0.7, number=0.05, head=0.7, address=0.7, phone=0.85, care=1.5),
}


def firm_record(rng, firm, office, habit):
    rule, about = HABITS[habit], OFFICES[office]
    care = about["care"]
    wrong = lambda what: rng.random() < rule[what] * care
    late = office == "market-regulator" or rng.random() < 0.6
    name = firm.names[-1] if late else firm.names[0]
    if wrong("sound"):
        name = name.replace(firm.brand, misspell(rng, firm.brand, SOUNDS))
    elif wrong("shape"):
        name = name.replace(firm.brand, misspell(rng, firm.brand, SHAPES))
    if rng.random() < 0.03 * care and name.endswith("有限公司"):
        name = name.replace("有限公司", rng.choice(["公司", "有限责任公司", "有限公司 "]))
    elif rng.random() < 0.03 * care and name.startswith(firm.place[1]):
        name = name[len(firm.place[1]):]
    if rng.random() < 0.5:
        name = name.replace("(", "（").replace(")", "）")
    code = firm.code if rng.random() < 1 - (1 - about["code"]) * rule["absent"] else ""
    if code and wrong("digit"):
        code = slip(rng, code)
    if code and rng.random() < 0.004 * care:
        code = code.replace("0", "O", 1)
    number = firm.number if rng.random() < about["number"] else ""
    if number and wrong("digit"):
        number = slip(rng, number)
    head = (firm.heads[-1] if late else firm.heads[0]) if rng.random() < about["head"] else ""
    if head and wrong("sound"):
        head = misspell(rng, head, SOUNDS)
    home = firm.homes[-1] if late else firm.homes[0]
    day = firm.since if not wrong("date") else firm.since + datetime.timedelta(days=rng.choice([1, -1, 10, 30]))
    return {
        "name": name, "uscc": code, "registration_number": number, "legal_representative": head,
        "registered_capital": f"{firm.capital}万元" if office in ("market-regulator", "tax") else "",
        "established_on": told_date(rng, day, hash_of(office) % 5) if office != "procurement" and rng.random() < 0.9 else "",
        "address": told_address(rng, home, rng.choice([0, 1, 2])) if rng.random() < about["address"] else "",
        "phone": firm.phone if rng.random() < about["phone"] else "",
    }


def firm_records(rng, count, habit):
    for number, firm in enumerate(firms(rng, count)):
        for office, about in OFFICES.items():
            if rng.random() < about["knows"]:
                yield {"entity": f"f{number}", "source": office, **firm_record(rng, firm, office, habit)}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    size = arguments.add_mutually_exclusive_group(required=True)
    size.add_argument("--people", type=int)
    size.add_argument("--firms", type=int)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--habit", choices=HABITS, default="counter")
    arguments.add_argument("--output", required=True)
    options = arguments.parse_args()
    rng = random.Random(f"{options.seed}-{options.habit}")
    rows = list(people_records(rng, options.people, options.habit) if options.people else firm_records(rng, options.firms, options.habit))
    rng.shuffle(rows)
    with open(options.output, "w", newline="") as file:
        writer = csv.DictWriter(file, ["record", *rows[0]])
        writer.writeheader()
        writer.writerows({"record": f"{row['source']}-{number}", **row} for number, row in enumerate(rows))


if __name__ == "__main__":
    main()
