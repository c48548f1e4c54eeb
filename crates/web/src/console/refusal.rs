//! What is somebody told whose request was refused?
//!
//! What happened and what to do, in the language of the page: the table here has both for the problems people meet in a
//! browser; the others are told by their status.

use serde_json::Value;

use super::{Language, reasons};
use crate::problem::Problem;

/// Slug, then what happened and what to do in Chinese and in English.
const ADVICE: &[(&str, [&str; 2], [&str; 2])] = &[
    (
        "not-found",
        ["这里没有您要找的内容", "链接可能已过期，或不在您的权限范围内。请用查询找到该记录。"],
        [
            "There is nothing here for you",
            "The link may be old, or what it names is outside what you may see. Search for the record instead.",
        ],
    ),
    (
        "id-format",
        ["地址中的标识格式不对", "请从查询结果或列表中打开，不要手工改写地址。"],
        ["The id in the address is malformed", "Open the record from a search or a list rather than by editing the address."],
    ),
    (
        "parameter-invalid",
        ["地址中有一个条件写得不对", "请用页面上的筛选框或链接，不要手工改写地址。"],
        ["A condition in the address is malformed", "Use the filters and links of the pages rather than editing the address."],
    ),
    (
        "parameter-unknown",
        ["地址中有一个不认识的条件", "请用页面上的筛选框或链接，不要手工改写地址。"],
        ["The address has a condition that is not known", "Use the filters and links of the pages rather than editing the address."],
    ),
    (
        "parameter-repeated",
        ["地址中同一条件出现了两次", "请用页面上的筛选框或链接，不要手工改写地址。"],
        ["The address has a condition twice", "Use the filters and links of the pages rather than editing the address."],
    ),
    (
        "method-not-allowed",
        ["这个地址不能直接打开", "请从页面上的按钮进入：它需要先填写内容。"],
        ["This address cannot be opened by itself", "Come by the button of a page: something has to be filled in first."],
    ),
    (
        "sensitive-in-url",
        ["证件号码、电话等不能写在地址中", "请在查询框中输入：地址会留在浏览记录里。"],
        ["Personal numbers do not belong in an address", "Type them into the search box: addresses stay in the history of browsers."],
    ),
    (
        "forbidden",
        ["您的角色不包含此操作", "如工作需要，请向安全管理员申请相应角色。"],
        ["Your role does not include this", "When your work needs it, ask the security administrator for the role."],
    ),
    (
        "purpose-missing",
        ["查看个人信息须说明使用目的", "请重新登录并选择使用目的。"],
        ["Personal data is shown for a purpose only", "Sign in again and choose the purpose of use."],
    ),
    (
        "purpose-not-allowed",
        ["您的部门未登记此使用目的", "请重新登录并选择已登记的目的，或请数据办公室登记。"],
        [
            "This purpose is not registered for your department",
            "Sign in again with a registered purpose, or ask the data office to register it.",
        ],
    ),
    (
        "cross-site",
        ["请求来自其他网站，已拒绝", "请在本系统的页面上重试。"],
        ["The request came from another site and was refused", "Try again from a page of this service."],
    ),
    (
        "retired",
        ["该实体已停用", "它的全部来源记录都已撤回；历史版本仍可追溯。"],
        ["The entity has been retired", "All its source records were withdrawn; its history is kept."],
    ),
    (
        "version-stale",
        ["数据在您查看之后已有变化", "请返回重新打开页面，核对后再提交；您的这次操作没有生效。"],
        ["The data changed after you looked", "Go back, open the page again and check; nothing was changed by this attempt."],
    ),
    (
        "already-decided",
        ["这项任务已有人判定", "请看下一项；如有异议，可撤销该判定。"],
        ["This task was decided before", "Go on to the next one; when you disagree, undo that decision."],
    ),
    (
        "no-such-steward",
        ["没有这位能处理此任务的数据管理员", "请从建议中选择：须有账号、为数据管理员，且任务的两条记录都在其权限范围内。任务没有转交。"],
        [
            "There is no such steward for this task",
            "Choose one of those suggested: with an account, the role of a steward, and both records within reach. The task was not given away.",
        ],
    ),
    (
        "kept-apart",
        ["管理员的其他判定不允许这样做", "请先打开并撤销那些判定。"],
        ["Other decisions of stewards stand against this", "Open those decisions and undo them first."],
    ),
    (
        "approval-required",
        ["这件事须由两人完成", "合并请在预览页提交给另一位数据管理员批准；导出请在“导出审批”页申请。"],
        ["This takes two people", "Propose a merge from its preview; ask for an export on the page of exports."],
    ),
    (
        "separation-of-duties",
        ["提议人不能批准自己的提议", "请由另一人批准。"],
        ["Who proposes cannot approve", "Somebody else has to approve it."],
    ),
    ("export-expired", ["导出申请已过期", "请重新申请。"], ["The request is over", "Ask for the export anew."]),
    (
        "proposal-stale",
        ["提议之后数据已有变化", "请重新预览，核对后再次提议。"],
        ["The data changed after the proposal", "Preview the merge again, check it, and propose it anew."],
    ),
    (
        "model-stale",
        ["模型在您预览之后已有变化", "请重新预览，核对后再启用。"],
        ["Another model came into use after your preview", "Preview the change again and check it before you put it into use."],
    ),
    (
        "survivorship-stale",
        ["存活规则在您预览之后已有变化", "请重新预览，核对后再启用。"],
        ["Other survivorship rules came into use after your preview", "Preview the change again and check it before you put it into use."],
    ),
    (
        "split-line-invalid",
        ["分割线画得不对", "请至少点两处，双击结束。"],
        ["The line cannot be used", "Click two places at least, and end with a double click."],
    ),
    (
        "split-line-misses",
        ["分割线没有穿过宗地", "请在宗地之外（或边线上）起笔，穿过宗地，再在另一侧之外结束。"],
        ["The line does not cut the parcel", "Begin outside it or on its border, and end outside on the other side."],
    ),
    (
        "split-polygons-invalid",
        ["这些多边形没有分开宗地", "请给出两个以上的多边形，或只占宗地一部分的一个。"],
        ["The polygons do not divide the parcel", "Give two or more, or one that is a part of it."],
    ),
    (
        "merge-too-few",
        ["合并至少要两宗", "请按住 Shift 再选一宗相邻的宗地。"],
        ["A merge needs two parcels at least", "Hold Shift and choose a neighbour as well."],
    ),
    (
        "merge-apart",
        ["所选宗地不相邻", "合并后会分成几块：请只选有共同边线的宗地。"],
        ["The parcels do not share a border", "The result would be in several parts: choose neighbours."],
    ),
    (
        "edit-result-invalid",
        ["这样得到的图形无效", "请调整线或界址点后再检查。"],
        ["The result is not a valid shape", "Move the line or a corner and check again."],
    ),
    (
        "parcel-union-changed",
        ["各部分合起来不是原来的宗地", "请重新画线或调整界址点；移动的界址点如也属于相邻宗地，请把该宗地一并选入调整。"],
        [
            "The parts together are not the parcel",
            "Draw the line again or move the corners; where a corner that moves is a neighbour's too, choose that parcel as well.",
        ],
    ),
    (
        "parcel-code-taken",
        ["宗地代码已被使用", "请另填代码，或留空由系统编号。"],
        ["The parcel code is taken", "Give another one, or leave it empty for the next one."],
    ),
    (
        "parcel-code-retired",
        ["宗地代码已注销，不再使用", "请另填代码，或留空由系统编号。"],
        ["The parcel code belonged to a parcel that is no more", "Give another one, or leave it empty for the next one."],
    ),
    (
        "codes-exhausted",
        ["该地籍子区的顺序号已用完", "请填另一个地籍子区的代码。"],
        ["The sub-district has no number left", "Name another one."],
    ),
    (
        "parcel-without-geometry",
        ["所选宗地还没有图形", "请先为它画出边界。"],
        ["A chosen parcel has no boundary", "Draw its boundary first."],
    ),
    (
        "value-overridden",
        ["边界由管理员手工设定", "请先在记录页撤销该设定。"],
        ["The boundary was set by hand by a steward", "Release that value on the page of the record first."],
    ),
    (
        "rights-block",
        ["所选宗地上有权利", "请选择由新宗地承继，或注销这些权利。"],
        ["A chosen parcel has a right", "Carry the right over to the new parcel, or end it."],
    ),
    (
        "rights-differ",
        ["各宗地的权利不同", "请填写新宗地的权利人，或注销这些权利。"],
        ["The parcels have different rights", "Give the new parcel its right holder, or end the rights."],
    ),
    (
        "backdated",
        ["日期早于宗地现状的生效日期", "请填较晚的日期。"],
        ["The day lies before what is known of the parcel", "Give a later day."],
    ),
    ("edited-since", ["此后又有人编辑过", "请先撤销较晚的编辑。"], ["The parcels were edited since", "Undo the later edits first."]),
    ("already-undone", ["此前已经撤销过", "请重新打开页面查看。"], ["It was undone before", "Open the page again and look."]),
    (
        "geometry-unsupported",
        ["图形无法计算", "请另画一次；如仍不行，请告知系统管理员。"],
        ["The shapes cannot be computed with", "Draw them anew; when it stays so, tell the operator."],
    ),
    (
        "query-too-broad",
        ["条件太宽", "请加上出生日期、行政区划或更完整的姓名。"],
        ["The query is too broad", "Add a birth date, a division or more of the name."],
    ),
    (
        "cursor-invalid",
        ["翻页位置无效", "请从列表第一页开始。"],
        ["The page of the list is not known", "Start from the first page of the list."],
    ),
    (
        "starting",
        ["服务正在启动", "正在装入索引，大库需要几秒到几十秒。"],
        ["The service is starting", "It is loading its indexes, which takes some seconds, on a large base some dozens."],
    ),
    (
        "commit-unconfirmed",
        ["数据库没有确认这次操作", "它可能已经生效：请稍后重新打开页面核对，再决定是否重做。"],
        [
            "The database did not confirm what you sent",
            "It may have been done: open the page again in a moment and look before you do it anew.",
        ],
    ),
    (
        "storage-full",
        ["数据库的存储空间已满", "没有写入任何内容。请告知系统管理员腾出空间；查询不受影响。"],
        ["The disk of the database is full", "Nothing was written. Tell the operator to make room; reading goes on."],
    ),
    (
        "required",
        ["有必填内容没有填写", "请补上后再试；没有写入任何内容。"],
        ["A required value is missing", "Give it and try again; nothing was written."],
    ),
    (
        "value-invalid",
        ["有一个值不能使用", "请改正后再试；没有写入任何内容。"],
        ["A value cannot be used", "Correct it and try again; nothing was written."],
    ),
    (
        "content-mismatch",
        ["文件内容与其格式不符", "请核对文件的扩展名和内容，或换一种格式。"],
        ["The file is not what its name says", "Check its name and what is in it, or send another format."],
    ),
    (
        "media-type",
        ["不能读取这种格式的文件", "请用 CSV、NDJSON、JSON、XLSX、Parquet 或 GeoJSON。"],
        ["Files of this format are not read", "Send CSV, NDJSON, JSON, XLSX, Parquet or GeoJSON."],
    ),
    (
        "encoding",
        ["文字编码不对", "请另选文字编码，如 GB 18030，再试。"],
        ["The character set does not fit", "Choose another one, such as GB 18030, and try again."],
    ),
    ("line-too-long", ["有一行太长", "请核对文件的换行和引号。"], ["A line is too long", "Check the line ends and quotes of the file."]),
    (
        "field-forbidden",
        ["您的权限不包含其中的字段", "请去掉该字段，或请安全管理员授权。"],
        ["Your rights do not include a field of it", "Leave the field out, or ask the security administrator."],
    ),
    (
        "quota-exceeded",
        ["今天的限额已用完", "请明天再试，或请安全管理员调整限额。"],
        ["The quota of today is used up", "Try again tomorrow, or ask the security administrator for a larger one."],
    ),
    (
        "request-running",
        ["同一请求还在处理", "请等它完成，再看结果。"],
        ["The same request is still being worked on", "Wait until it is done and look again."],
    ),
    ("payload-too-large", ["提交的内容太大", "请分成较小的部分提交。"], ["What was sent is too large", "Send it in smaller parts."]),
    (
        "enumeration-suspected",
        ["不存在的标识或号码查得太多，账号已暂停十五分钟", "请十五分钟后再试，用姓名、出生日期或地址查找；此事已告知安全管理员。"],
        [
            "Too many ids or numbers that do not exist were asked for; the account rests for fifteen minutes",
            "Come back then, and look people up by name, birth date or address; the security administrator has been told.",
        ],
    ),
    (
        "second-factor-required",
        ["须先启用动态验证码", "请在“我的账号”中启用，再继续。"],
        ["A second factor is needed first", "Set one up under My account, then go on."],
    ),
    ("too-many-items", ["一次选得太多", "请少选一些，分几次进行。"], ["Too many at once", "Choose fewer, and do it in several turns."]),
    (
        "too-long",
        ["有一个值太长", "请缩短后再试；没有写入任何内容。"],
        ["A value is too long", "Shorten it and try again; nothing was written."],
    ),
    (
        "query-too-expensive",
        ["这个问题要算的太多", "请缩小范围或加上条件。"],
        ["The question asks for too much work", "Narrow it, or add a condition."],
    ),
    (
        "request-timeout",
        ["请求没有及时送完", "请检查网络后再试；没有写入任何内容。"],
        ["The request did not arrive in time", "Look at the network and try again; nothing was written."],
    ),
    (
        "overloaded",
        ["系统繁忙", "同时处理的请求过多，请稍候再试。"],
        ["The service is busy", "Too many requests are at work: try again in a moment."],
    ),
    ("too-many-requests", ["请求过于频繁", "请稍等片刻再试。"], ["Too many requests", "Wait a moment and try again."]),
];

/// What is wrong with a value, in the language of the page where the table knows it.
pub(super) fn in_words(language: Language, problem: &jiku_model::Problem) -> String {
    let known = ADVICE.iter().find(|(slug, ..)| *slug == problem.code).map(|(_, zh, en)| match language {
        Language::Zh => format!("{}：{}", zh[0], zh[1]),
        Language::En => format!("{}: {}", en[0], en[1]),
    });
    known.unwrap_or_else(|| problem.advice.to_string())
}

/// What happened and what to do by code, as JSON for the scripts of pages that call the API; the API itself speaks English.
pub(super) fn table(l: Language) -> String {
    let told =
        ADVICE.iter().filter(|_| l == Language::Zh).map(|(slug, zh, _)| ((*slug).to_owned(), format!("{}：{}", zh[0], zh[1]).into()));
    serde_json::Value::Object(told.collect()).to_string()
}

/// What is wrong in particular: each value and what is the matter with it, or the one sentence of the problem. Empty where the page's
/// language has no words for it.
pub(super) fn details(language: Language, problem: &Problem) -> Vec<String> {
    let text = |name| problem.member(name).and_then(Value::as_str);
    if language == Language::En {
        return problem.told().map(str::to_owned).into_iter().collect();
    }
    if let Some(chinese) = text("detail_zh").filter(|text| !text.is_empty()) {
        return vec![chinese.to_owned()];
    }
    let wrong = problem.member("errors").and_then(Value::as_array).into_iter().flatten();
    let in_chinese = |error: &Value| {
        let advice = error["advice"].as_str().unwrap_or_default();
        Some(reasons::told(language, error["code"].as_str()?, advice)).filter(|told| told != advice)
    };
    let errors: Vec<String> = wrong.filter_map(in_chinese).collect();
    let parameter = || text("parameter").map(|name| format!("地址中的参数：{name}"));
    if errors.is_empty() { parameter().into_iter().collect() } else { errors }
}

/// What happened, and what to do.
pub(super) fn advice(language: Language, problem: &Problem, status: u16) -> (&'static str, &'static str) {
    let known = ADVICE.iter().find(|(slug, ..)| *slug == problem.slug()).map(|(_, zh, en)| (zh, en));
    let (zh, en) = known.unwrap_or(match status {
        503 => (
            &["服务暂时不能应答", "数据没有变化。请稍后再试；若持续如此，请告知系统管理员。"],
            &["The service cannot answer just now", "Nothing was changed. Try again in a moment; if it stays so, tell the operator."],
        ),
        500.. => (
            &["系统内部出错", "数据没有变化。请把下面的请求号告知系统管理员。"],
            &["Something went wrong on our side", "Nothing was changed. Give the operator the request id below."],
        ),
        409 => (
            &["与当前状态冲突", "请返回重新打开页面，核对后再试。"],
            &["The request conflicts with the present state", "Go back, open the page again and check before you try again."],
        ),
        _ => (
            &["请求无法处理", "请返回检查所填内容后再试；数据没有变化。"],
            &["The request cannot be carried out", "Go back, check what was filled in and try again; nothing was changed."],
        ),
    });
    let [happened, to_do] = match language {
        Language::Zh => zh,
        Language::En => en,
    };
    (happened, to_do)
}
