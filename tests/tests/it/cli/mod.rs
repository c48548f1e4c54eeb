//! What does the person at the command line see?
#[test]
fn pg() {
    println!("{:?}", jiku_tests::postgres::database());
    println!("{:?}", jiku_tests::postgres::database());
}
