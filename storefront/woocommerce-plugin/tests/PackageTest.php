<?php
/**
 * The plugin as it is handed out.
 *
 * @package Doorstep
 */

use PHPUnit\Framework\TestCase;

/**
 * Syntax, texts, headers.
 */
final class PackageTest extends TestCase {

	/**
	 * What PHP 7.4 does not have, as far as tokens show it.
	 */
	private const TOO_NEW = array( 'T_MATCH', 'T_ENUM', 'T_READONLY', 'T_NULLSAFE_OBJECT_OPERATOR', 'T_ATTRIBUTE' );

	/**
	 * @dataProvider sources
	 */
	public function test_php_7_4_reads_it( string $file ): void {
		$code = (string) file_get_contents( $file );
		foreach ( token_get_all( $code ) as $token ) {
			$this->assertNotContains( is_array( $token ) ? token_name( $token[0] ) : '', self::TOO_NEW, $file );
		}
		$this->assertDoesNotMatchRegularExpression( '/\): *[?\\\\\w]+ *\| *\w|\(\s*(public|private|protected) |: static\b|: mixed\b|\bstr_(contains|starts_with|ends_with)\(/', $code );
	}

	/**
	 * @dataProvider sources
	 */
	public function test_nobody_runs_a_file_on_its_own( string $file ): void {
		$this->assertMatchesRegularExpression( "/defined\( '(ABSPATH|WP_UNINSTALL_PLUGIN)' \) \|\| exit;/", (string) file_get_contents( $file ) );
	}

	/**
	 * @dataProvider sources
	 */
	public function test_every_text_is_in_the_pot_and_names_our_domain( string $file ): void {
		$pot    = (string) file_get_contents( dirname( __DIR__ ) . '/languages/doorstep.pot' );
		$tokens = array_values( array_filter( token_get_all( (string) file_get_contents( $file ) ), static function ( $token ) {
			return ! is_array( $token ) || T_WHITESPACE !== $token[0];
		} ) );
		foreach ( $tokens as $at => $token ) {
			if ( ! is_array( $token ) || ! in_array( $token[1], array( '__', '_n', 'esc_html__', 'esc_attr__' ), true ) || '(' !== ( $tokens[ $at + 1 ] ?? '' ) ) {
				continue;
			}
			$text = stripslashes( substr( $tokens[ $at + 2 ][1], 1, -1 ) );
			$this->assertStringContainsString( 'msgid "' . addcslashes( $text, '"\\' ) . '"', $pot, 'run ./make-pot' );
			$end = $at + 2;
			while ( ')' !== $tokens[ $end ] ) {
				++$end;
			}
			$this->assertSame( "'doorstep'", $tokens[ $end - 1 ][1], $text );
		}
		$this->addToAssertionCount( 1 );
	}

	public function sources(): array {
		$root  = dirname( __DIR__ );
		$files = array_merge( glob( $root . '/*.php' ), glob( $root . '/src/*.php' ), glob( $root . '/src/*/*.php' ) );
		return array_combine( $files, array_map( static function ( $file ) {
			return array( $file );
		}, $files ) );
	}

	public function test_the_version_is_the_same_everywhere(): void {
		$root = dirname( __DIR__ );
		$main = (string) file_get_contents( $root . '/doorstep.php' );
		preg_match( '/Version: ([0-9.]+)/', $main, $header );
		$this->assertStringContainsString( "define( 'DOORSTEP_VERSION', '{$header[1]}' );", $main );
		$this->assertStringContainsString( 'Stable tag: ' . $header[1], (string) file_get_contents( $root . '/readme.txt' ) );
	}

	public function test_both_features_are_declared(): void {
		$main = (string) file_get_contents( dirname( __DIR__ ) . '/doorstep.php' );
		$this->assertStringContainsString( "'custom_order_tables', __FILE__, true", $main );
		$this->assertStringContainsString( "'cart_checkout_blocks', __FILE__, true", $main );
	}

	public function test_the_table_of_complaints_names_tests_that_are_there(): void {
		$readme = (string) file_get_contents( dirname( __DIR__ ) . '/README.md' );
		$tests  = implode( '', array_map( 'file_get_contents', glob( __DIR__ . '/*Test.php' ) ) );
		preg_match_all( '/`(?:\w+::|…_)(\w+)`/u', $readme, $named );
		$this->assertGreaterThan( 10, count( $named[1] ) );
		foreach ( $named[1] as $name ) {
			$this->assertStringContainsString( 'function ' . ( 0 === strpos( $name, 'test_' ) ? '' : 'test_' ) . $name . '(', $tests );
		}
	}
}
